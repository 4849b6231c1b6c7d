"""Where lifecycle events go: adapters of `runtime.ports.EventSink`."""
