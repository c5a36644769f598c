# Copyright the carryall authors.  See LICENSE.
"""The subject of the project: it downloads files, and keeps them only if they came whole."""
import hashlib
import ssl
from urllib.request import urlopen


def download(url, target, ca_file=None):
    """Fetches *url* into the file *target*; the SHA-256 of what came."""
    context = ssl.create_default_context(cafile=ca_file) if url.startswith('https:') else None
    with urlopen(url, timeout=20, context=context) as answer:
        data = answer.read()
    if len(data) != int(answer.headers['Content-Length']):
        raise OSError('%s came in part' % url)
    with open(target, 'wb') as file:
        file.write(data)
    return hashlib.sha256(data).hexdigest()
