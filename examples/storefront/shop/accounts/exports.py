import csv

from django.http import HttpResponse

from shop.toggles.legacy import when_enabled


@when_enabled("order-history-export")
def download_orders(request):
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(["number", "placed", "total"])
    for order in request.user.orders.order_by("-placed"):
        writer.writerow([order.number, order.placed.date(), order.total])
    return response
