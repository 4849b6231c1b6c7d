"""Public tools for testing workflows and adapters.

harness       runs a definition on a virtual clock with scripted functions: for tests of workflows
kernel        drives the pure kernel message by message
store_suite   every sentence of the `Store` contract as a test: for authors of a store
sink_suite    the same for the `EventSink` contract: for authors of a sink
simulator     production worker and store code in virtual time, with crashes and faults, seed by seed
simloop       the deterministic event loop with virtual time below it
"""
