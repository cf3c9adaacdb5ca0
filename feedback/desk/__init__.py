"""The desk: the Django admin as the people of the departments use it.

``UNFOLD`` is read by the settings, so nothing is imported here that needs the applications to be ready.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def _style(request: HttpRequest) -> str:
    return static("feedback/desk.css")


def _icon(request: HttpRequest) -> str:
    return static("feedback/icon.svg")


def unfold(brand: str) -> dict[str, Any]:
    """Return the settings of the desk's theme for ``brand``. Callbacks are named by string; nothing is fetched."""
    return {
        "SITE_TITLE": brand,
        "SITE_HEADER": brand,
        "SITE_SUBHEADER": "feedback.desk.navigation.subheader",
        "SITE_URL": None,
        "SITE_SYMBOL": "forum",
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": True,
        "SHOW_LANGUAGES": True,
        "LANGUAGES": {"action": "feedback.desk.navigation.language_address"},
        "DASHBOARD_CALLBACK": "feedback.desk.first_page.context",
        "STYLES": [_style],
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
        "BORDER_RADIUS": "8px",
        "COLORS": {
            # A quiet teal: red, amber and green are kept for what they mean here.
            "primary": {
                "50": "oklch(97.7% .014 195)",
                "100": "oklch(94.8% .035 195)",
                "200": "oklch(90% .06 195)",
                "300": "oklch(83% .09 195)",
                "400": "oklch(72% .11 195)",
                "500": "oklch(66% .11 196)",
                "600": "oklch(50.5% .09 197)",
                "700": "oklch(43.5% .077 198)",
                "800": "oklch(37% .064 200)",
                "900": "oklch(32.5% .053 202)",
                "950": "oklch(24% .042 204)",
            }
        },
        "SIDEBAR": {"show_search": False, "navigation": "feedback.desk.navigation.sidebar"},
        "LOGIN": {"form": "feedback.desk.login.DeskLoginForm"},
    }
