from django import forms


class RedeemForm(forms.Form):
    code = forms.RegexField(r"^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$", label="Code on the card")

    def redeem(self, user):
        return user.vouchers.redeem(self.cleaned_data["code"])
