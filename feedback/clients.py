"""Who asks: the address of the client behind the proxies that we trust."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Return the client's IP address, or ``""`` where the server does not say (a Unix socket).

    X-Forwarded-For is believed only for the last ``TRUSTED_PROXIES`` hops: each trusted proxy appends the address
    that it was called from, and whatever stands before those a client may have made up.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if not settings.TRUSTED_PROXIES or not hops:
        return _plain(request.META.get("REMOTE_ADDR", ""))
    return _plain(hops[-min(settings.TRUSTED_PROXIES, len(hops))])


def network(request: HttpRequest) -> str:
    """Return what one client can be limited by: its IPv4 address, or the /64 that an IPv6 client owns whole."""
    found = address(request)
    try:
        ip = ipaddress.ip_address(found)
    except ValueError:
        return found
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _plain(hop: str) -> str:
    """An address without the port that some proxies add; ``""`` for anything that is none."""
    for text in (hop, hop.strip("[]"), hop.rpartition(":")[0].strip("[]")):
        try:
            return str(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            continue
    return ""
