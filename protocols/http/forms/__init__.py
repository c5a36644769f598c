# Copyright the carryall authors.  See LICENSE.
"""Forms in the bodies of requests: urlencoded and multipart (RFC 7578)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.forms.formparser import (DEFAULT_LIMITS, FilePart, Form, FormLimits,
                                                      FormParser, MemorySink, Upload, read_form)
from carryall.protocols.http.forms.multipart import (MultipartParser, PartBegin, PartData, PartEnd,
                                                     boundary_of, is_boundary)

__all__ = ['DEFAULT_LIMITS', 'FilePart', 'Form', 'FormLimits', 'FormParser', 'MemorySink',
           'MultipartParser', 'PartBegin', 'PartData', 'PartEnd', 'Upload', 'boundary_of',
           'is_boundary', 'read_form']
