"""What ends an import before it is through, as a person reads it."""


class Misuse(Exception):
    """It cannot begin like this: the file, or what was said of it. Nothing was taken in."""


class Stopped(Exception):
    """It broke off on the way. What was taken in stays; the same command goes on."""
