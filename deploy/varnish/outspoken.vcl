vcl 4.1;

# Varnish 7 between the web server that speaks TLS and Outspoken, for sites that more people read than one machine can
# serve: /etc/varnish/default.vcl. It needs vmod xkey (Debian: varnish-modules). The web server then passes requests to
# port 6081 instead of 8000; a chain of X-Forwarded-For is read from its end, so that stays right.
#
# Pages are kept for the seconds that `Cache-Control: s-maxage` allows. A page that changes is dropped before that: send
#   PURGE / with the header `xkey: THREAD`, which drops every page that bears that key.
#
# Start it with the drop-in beside this file, or what it maps into memory holds addresses; and don't start varnishncsa or
# varnishlog, whose lines do.

import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        # What came through the web server bears an address of a reader.
        if (client.ip !~ purgers || req.http.X-Forwarded-For != "" + client.ip) {
            return (synth(405));
        }
        if (!req.http.xkey) {
            return (synth(400));
        }
        set req.http.purged = xkey.purge(req.http.xkey);
        return (synth(200, "Purged"));
    }

    if (req.url == "/metrics") {
        return (synth(404));
    }

    unset req.http.User-Agent;
    unset req.http.Referer;
    unset req.http.Accept-Language;

    # Events are sent as they happen, for as long as a page is open.
    if (req.url ~ "^/api/v1/threads/[0-9a-z]+/live$") {
        return (pipe);
    }

    # Whoever has just written sees their own comment, and so no page from the cache.
    if (req.method != "GET" && req.method != "HEAD" || req.http.Cookie ~ "outspoken-seen=") {
        return (pass);
    }

    # These are the same for everybody, whatever key a browser holds. All others are asked for with it.
    if (req.url ~ "^(/s/[a-z0-9-]+)?/?(feed\.atom)?(\?.*)?$"
        || req.url ~ "^/t/[0-9a-z]+(/feed\.atom)?(\?.*)?$"
        || req.url ~ "^/api/v1/threads/[0-9a-z]+(/comments)?(\?.*)?$"
        || req.url ~ "^/static/") {
        unset req.http.Cookie;
        return (hash);
    }
    return (pass);
}

sub vcl_backend_response {
    # Never a page that is older than it may be: it could show what was removed.
    set beresp.grace = 0s;
    # Afterwards it is kept for asking whether it is still the same.
    if (beresp.http.ETag) {
        set beresp.keep = 1m;
    }
}

sub vcl_deliver {
    unset resp.http.xkey;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}

sub vcl_pipe {
    set bereq.http.Connection = "close";
}
