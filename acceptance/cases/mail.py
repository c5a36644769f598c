# Copyright the carryall authors.  See LICENSE.
"""Two mail services relay to each other: a message and a bounce are fetched by APOP, as in 2002."""
import poplib
import smtplib

PROVES = ['SMT-07', 'SMT-08', 'POP-02', 'TAP-02', 'TST-04']
NEEDS = []
AS_OF_OLD = 'runMailTest'


def wait_for_mail(stage, port, user, password, count):
    """The messages of a user, fetched by APOP, when so many are there."""
    found = []

    def there():
        client = poplib.POP3('127.0.0.1', port, timeout=60)
        client.apop(user, password)
        found[:] = [b'\r\n'.join(client.retr(number + 1)[1]) for number in range(client.stat()[0])]
        client.quit()
        return len(found) >= count

    stage.until(there, '%d messages of %s' % (count, user))
    return found


def two_servers(stage):
    """foo.example on the side under test relays to bar.example on another side.

    The mktap lines are those of 0.19.

    Returns:  (near server, its POP3 port, far server, its POP3 port, SMTP port of the near one).
    """
    far_runtime = stage.others[(stage.others.index(stage.runtime) + 1) % len(stage.others)]
    far_smtp, far_pop, near_smtp, near_pop = (stage.free_port() for _ in range(4))
    stage.call('mktap', 'mail', '--smtp', far_smtp, '--pop', far_pop, '--domain', 'bar.example=bar',
               '--user', 'carl=geheim', runtime=far_runtime)
    stage.call('mktap', '-n', 'near', 'mail', '--smtp', near_smtp, '--pop', near_pop, '--domain',
               'foo.example=foo', '--user', 'anna=secret',
               '--relay', '127.0.0.1,%d=relay' % far_smtp)
    far = stage.start('twistd', '-n', '-f', 'mail.tap', '--pidfile', 'far.pid', runtime=far_runtime)
    near = stage.start('twistd', '-n', '-f', 'near.tap', '--pidfile', 'near.pid')
    far.wait_for(r'pop3 on')
    near.wait_for(r'pop3 on')
    return near, near_pop, far, far_pop, near_smtp


def send(port):
    """A message to both domains, and one that will bounce."""
    client = smtplib.SMTP('127.0.0.1', port, timeout=60)
    client.ehlo('client.example')
    client.login('anna', 'secret')
    client.sendmail('anna@foo.example', ['carl@bar.example', 'anna@foo.example'],
                    b'Subject: hello\r\n\r\nto both\r\n.\r\ndone\r\n')
    client.sendmail('anna@foo.example', ['unknown@bar.example'],
                    b'Subject: lost\r\n\r\nto unknown\r\n')
    client.quit()


def run(stage):
    """A message and a bounce between two servers, and no relay for others."""
    near, near_pop, far, far_pop, near_smtp = two_servers(stage)
    send(near_smtp)
    mail, = wait_for_mail(stage, far_pop, 'carl', 'geheim', 1)
    stage.demand(mail.count(b'Received: ') == 2 and mail.endswith(b'to both\r\n.\r\ndone'),
                 'what was relayed is %r', mail)
    first, bounce = sorted(wait_for_mail(stage, near_pop, 'anna@foo.example', 'secret', 2),
                           key=lambda each: b'multipart/report' in each)
    stage.demand(b'Subject: hello' in first, 'the message to her is %r', first)
    stage.demand(bounce.startswith(b'Return-Path: <>')
                 and b'Final-Recipient: rfc822; unknown@bar.example' in bounce
                 and b'Status: 5.1.1' in bounce and b'Subject: lost' in bounce, 'the bounce is %r',
                 bounce)
    open_relay = smtplib.SMTP('127.0.0.1', near_smtp, timeout=60)
    try:
        open_relay.sendmail('x@y.example', ['z@elsewhere.example'], b'spam')
        stage.demand(False, 'it is an open relay')
    except smtplib.SMTPRecipientsRefused as exc:
        stage.demand(exc.recipients['z@elsewhere.example'][0] == 554, 'the refusal is %r', exc)
    open_relay.quit()
    near.stop()
    far.stop()


def show(stage):
    """A message and a bounce, for a person with a mail program."""
    _near, near_pop, _far, far_pop, near_smtp = two_servers(stage)
    send(near_smtp)
    wait_for_mail(stage, near_pop, 'anna@foo.example', 'secret', 2)
    return ('Fetch the mail of "anna@foo.example", password "secret", by POP3 with APOP from '
            '127.0.0.1, port %d:\na message "hello" and a bounce of the message "lost".  That of '
            '"carl", password "geheim", is on port %d.' % (near_pop, far_pop))
