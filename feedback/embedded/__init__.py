"""What makes the project run on a bare machine: a PostgreSQL from a wheel, and a supervisor of processes.

For trying out, developing and testing. In production DATABASE_URL names a real server and nothing here runs.
"""
