# Copyright the carryall authors.  See LICENSE.
"""Whois referrals (RFC 3912)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.whois import referral


@pytest.mark.parametrize('answer, place', [
    (b'% IANA\nrefer:        whois.example.net\n\ndomain: X\n', ('whois.example.net', 43)),
    (b'   Registrar WHOIS Server: whois.registrar.example\r\n', ('whois.registrar.example', 43)),
    (b'ReferralServer: rwhois://r.example:4321/\n', ('r.example', 4321)),
    (b'whois: a.example:99999\n', None),
    (b'nothing here\n', None), (b'refer: bad host\n', None), (b'Whois: \xff\n', None)])
def test_a_referral_is_found_in_an_answer(answer, place):
    assert referral(answer) == place
