from django.core.mail import send_mail
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from waffle import switch_is_active

from shop.checkout.orders import Order

client = api.get_client()

PER_MINUTE = 600
THROTTLED_PER_MINUTE = 60


def batch_size() -> int:
    return THROTTLED_PER_MINUTE if switch_is_active("email-throttle") else PER_MINUTE


def send_receipt(order: Order) -> None:
    lines = [f"Thank you for your order {order.number}.", f"Total: {order.total} €"]
    if client.get_boolean_value("loyalty-pionts", False, EvaluationContext(order.email)):
        lines.append("Your points are in your account.")
    send_mail(f"Your order {order.number}", "\n".join(lines), "shop@example.com", [order.email])
