"""Real Redis and real Kafka on this machine, without containers.

daemon     a server process that outlives whoever started it: start, stop, kill, pause
programs   where redis-server, java and mvn are, installed where possible
redis      Debian's redis-server with an append-only file
kafka      the Apache Kafka broker from its published Maven artifacts
__main__   `make services` and `make services-stop`

Needs only Python's standard library. The tests start their own servers with the same functions (tests/services).
"""
