"""The HTTP face of Conductor: REST, events, metrics and their documentation. Talks to `runtime.service` and to nothing else."""
