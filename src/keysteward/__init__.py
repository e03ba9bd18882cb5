"""Issue, prove, promote and safeguard the integration keys of an HTTP API."""
