import { flags } from "./flags";
import { openDrawer, showPage } from "./navigation";
import { track } from "./analytics";

const BANNER = "new-checkout-banner";

export function onAddToCart(sku: string): void {
  track("add_to_cart", { sku });
  if (flags.isOn("mini-cart")) {
    openDrawer("cart");
  } else {
    showPage("/cart/");
  }
}

export function onCheckout(): void {
  track("checkout_started", { banner: document.getElementById(BANNER) !== null });
  showPage(flags.isOn("newCheckout") ? "/checkout/pay/" : "/checkout/");
}

export function priceHint(): string {
  return flags.isOn("price-match") ? "Cheaper elsewhere? We pay the difference." : "";
}
