"""Real Redis and Kafka for tests.

fixtures   `redis_url` and `kafka_broker` for all tests of a run, `mortal_redis` and `mortal_kafka` for tests that kill them
fleet      Conductor processes that share them, as an operator starts them
topics     make a topic and read what arrived there, with a consumer that shares nothing with the code under test
"""
