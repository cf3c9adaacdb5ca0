#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedback.settings")
    from feedback.embedded.commands import execute

    execute(sys.argv)


if __name__ == "__main__":
    main()
