/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef APPLIANCE_HTTP_H
#define APPLIANCE_HTTP_H

/** Where the files are that are served. */
#define HTTP_ROOT "/site"

/** Answers one request of HTTP/1.0, on a connection that the caller closes. */
void http_serve(int client);

#endif /* APPLIANCE_HTTP_H */
