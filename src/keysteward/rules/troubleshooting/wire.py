"""What goes wrong before anything is asked: the network, TLS, addresses?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

WIRE: tuple[Article, ...] = (
    Article(
        "host-not-found",
        "The host is not found",
        "No address was found for the host name.",
        (
            Cause(
                "The name has a typing error, or holds https:// or a path where only a host is wanted.",
                "Give host and port alone.",
                "{host}",
            ),
            Cause(
                "The name is known in another network only, or inside a cluster.",
                "Try it from the machine and container where the program runs.",
            ),
        ),
        signs=(
            "could not resolve host",
            "enotfound",
            "name or service not known",
            "nodename nor servname",
            "getaddrinfo failed",
            "temporary failure in name resolution",
            "name resolution",
        ),
    ),
    Article(
        "connection-refused",
        "Nothing answers there",
        "The host was found, and no server answered at that port, or not in time.",
        (
            Cause(
                "The server is not running, or listens on another port.",
                "A twin prints its addresses when it starts; a twin that picks free ports has other ones each time.",
            ),
            Cause(
                "In a container localhost is the container itself.",
                "Use the host's address, and start the twin with a host name for it.",
            ),
            Cause(
                "A firewall or a proxy setting stands between.",
                "Try with curl from the same place; look at HTTPS_PROXY and NO_PROXY.",
            ),
        ),
        signs=(
            "connection refused",
            "econnrefused",
            "failed to establish a new connection",
            "connection reset by peer",
            "econnreset",
            "socket hang up",
            "timed out",
            "etimedout",
            "connecttimeout",
            "no route to host",
            "network is unreachable",
        ),
    ),
    Article(
        "certificate-not-trusted",
        "The certificate is not trusted",
        "The server answered, and its certificate was signed by an authority that the program does not know.",
        (
            Cause(
                "It is a twin: it signs with an authority of its own.",
                "keysteward dev --trust shows how each program comes to trust it. For Python and curl it is a "
                "variable.",
                "export SSL_CERT_FILE=…/ca.pem REQUESTS_CA_BUNDLE=…/ca.pem NODE_EXTRA_CA_CERTS=…/ca.pem",
            ),
            Cause(
                "A company proxy opens TLS and signs anew.",
                "Trust the company's authority as well.",
            ),
            Cause(
                "The server sends its certificate without the intermediate one.",
                "Operators: put the whole chain into the file.",
            ),
        ),
        signs=(
            "certificate_verify_failed",
            "self-signed certificate",
            "self signed certificate",
            "unable to get local issuer certificate",
            "unable_to_verify_leaf_signature",
            "depth_zero_self_signed_cert",
            "unable to get issuer cert",
            "ssl certificate problem",
            "sslcertverificationerror",
            "certificate verify failed",
            "pkix path building failed",
        ),
    ),
    Article(
        "certificate-of-another-host",
        "The certificate is for another host",
        "The certificate is good, and not for the name that the program used.",
        (
            Cause(
                "The server was asked by its address, or by another name.",
                "Use the name that stands in its origin: {origin}.",
            ),
            Cause(
                "A twin was started without the name.",
                "Start it with --host-name demo=NAME or production=NAME.",
            ),
        ),
        signs=(
            "hostname mismatch",
            "doesn't match",
            "err_tls_cert_altname_invalid",
            "no alternative certificate subject name",
            "ip address mismatch",
        ),
    ),
    Article(
        "plain-http",
        "TLS was expected, or was not",
        "One side speaks TLS and the other does not.",
        (
            Cause(
                "The address begins with http:// while the port speaks TLS, or the other way round.",
                "Use https://, and the port of the account server.",
            ),
            Cause(
                "TLS ends at a proxy, and the program asks the server behind it.",
                "Ask the proxy: {origin}.",
            ),
        ),
        signs=(
            "wrong version number",
            "wrong_version_number",
            "unknown protocol",
            "http request to an https",
            "plain http request was sent to https",
            "packet length too long",
            "unsupported protocol",
        ),
    ),
    Article(
        "misdirected",
        "This server does not answer for that host name",
        "The Host header names a host that is not this environment's.",
        (
            Cause(
                "The server was asked by its IP address, or by an internal name.",
                "Use {origin}.",
            ),
            Cause(
                "A proxy in front sends its own name on.",
                "Let it pass Host on, or name it with --host-name when the server starts.",
            ),
        ),
        explains=("misdirected",),
    ),
    Article(
        "clock-is-wrong",
        "The clock of the machine is wrong",
        "Assertions carry times. A clock that is more than {skew_seconds} seconds ahead, or an hour behind, makes "
        "them worthless.",
        (
            Cause(
                "Virtual machines and containers lose time when they sleep.",
                "Run NTP on the host, and compare with the Date header of any answer.",
            ),
            Cause(
                "A twin's own clock was moved, and the program's was not.",
                "What a client dates is judged by the machine's clock; a twin's clock does not matter here.",
            ),
        ),
        signs=(
            "issued in the future",
            "iat is in the future",
            "clock skew",
        ),
    ),
    Article(
        "not-json",
        "The answer is a page, not JSON",
        "The program expected JSON and got HTML: it asked an address for people.",
        (
            Cause(
                "The token request went to /oauth/auth, or to the console's address.",
                "Post to the token endpoint.",
                "POST {origin}/oauth/token",
            ),
            Cause(
                "A proxy or a captive portal answered in the server's place.",
                "Look at the first lines of the answer.",
            ),
            Cause(
                "The base URI lacks /restapi.",
                "Add it: base_uri is scheme and host only.",
            ),
        ),
        signs=(
            "unexpected token <",
            "unexpected token '<'",
            "expecting value: line 1",
            "jsondecodeerror",
            "is not valid json",
            "<!doctype html",
        ),
    ),
)
