"""One module of thin handlers per kind of resource: parse at the edge, call the service, encode the view."""
