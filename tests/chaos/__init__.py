"""Everything at once, on real parts: workers, an API, Redis and Kafka, all of which are killed, stopped and restarted.

deployment   the processes, and who owns which partition
faults       what is done to them
clients      who starts instances and insists on an answer
truth        what must hold afterwards
"""
