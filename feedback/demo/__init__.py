"""The demo: real incidents and real comments, made-up people, and the whole loop running before the visitor's eyes.

`manage.py demo` starts it (only there is DEMO set). Nothing outside this package knows of it, apart from the address
and the registry that packages above fill. What is real and what is made up: data/README.md, and the page says it too.
"""
