# SPDX-License-Identifier: BSD-2-Clause

"""What a web server of the examples has to do."""

import http.client
import os
import urllib.request

from serving import Failure

TIMEOUT = 30


def fetch(url):
    """Returns what is there."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        return answer.read()


def check_file(url, path):
    """Verifies that a file comes as it is."""
    with open(path, 'rb') as file:
        content = file.read()
    if fetch(url) != content:
        raise Failure(url + ' has another content')
    print('check: %s: %d bytes, as expected' % (url, len(content)))


def check_error(port, method, path, status):
    """Verifies that a request is refused; the path is sent as it is."""
    connection = http.client.HTTPConnection(
        '127.0.0.1', port, timeout=TIMEOUT)
    connection.request(method, path)
    found = connection.getresponse().status
    connection.close()
    if found != status:
        raise Failure('%s of %s is answered with %d' % (method, path, found))


def check(port, folder):
    """Verifies all that can be asked for; `folder` is what is served."""
    base = 'http://127.0.0.1:%d/' % port
    try:
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                check_file(base + os.path.relpath(path, folder), path)
        check_file(base, os.path.join(folder, 'index.html'))
        check_error(port, 'GET', '/nothing', 404)
        check_error(port, 'GET', '/doc', 404)
        check_error(port, 'GET', '/../dev/ld0d', 404)
        check_error(port, 'GET', '/' + 1000 * 'x', 404)
        check_error(port, 'GET', '/' + 3000 * 'x', 400)
        check_error(port, 'POST', '/index.html', 501)
    except http.client.HTTPException as error:
        raise Failure('no answer of HTTP: %r' % error) from error
