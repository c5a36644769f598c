# Copyright the carryall authors.  See LICENSE.
"""Classes of the mail service that were renamed are there by their former names."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.formernames import FormerClass
from carryall.services.mail import delivery, envelope, policy, queue


@pytest.mark.parametrize('former, present', [
    (delivery.Office, delivery.Delivery), (envelope.Parcel, envelope.Envelope),
    (policy.Exchange, policy.MailPolicy), (queue.Waiting, queue.QueueEntry)])
def test_a_class_that_was_renamed_is_a_former_class(former, present):
    assert type(former) is FormerClass
    assert issubclass(present, former)


def test_a_parcel_is_an_envelope_and_warns():
    with pytest.warns(DeprecationWarning):
        made = envelope.Parcel('n', b'', [], b'', 0.0)
    assert type(made) is envelope.Envelope


def test_an_exception_that_was_renamed_is_caught_by_its_former_name():
    with pytest.raises(envelope.BadParcel):
        raise envelope.BadEnvelope(u'no')
