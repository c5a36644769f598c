# Copyright the carryall authors.  See LICENSE.
"""A full disk under a mail server: what was accepted goes by itself when there is room, once; the
rest is refused with 452."""
import collections
import os
import poplib
import smtplib
import subprocess
import time

from acceptance.smalldisk import small_disk

PROVES = ['SMT-07', 'SMT-08', 'POP-03']
NEEDS = []

MESSAGES = 31
FREE_INODES = 14            # so many files there may be yet, when the messages come


def fill(path, keep):
    """Makes empty files until *keep* more could be made; their names."""
    made = []
    try:
        for number in range(100000):
            name = os.path.join(path, 'filler-%d' % number)
            open(name, 'w').close()
            made.append(name)
    except OSError:
        pass
    for name in made[:keep]:
        os.remove(name)
    return made[keep:]


def start(stage, store):
    """(server, its SMTP port, its POP3 port)."""
    server = stage.start('carryall', 'mail', '--smtp', '0', '--pop3', '0', '-d',
                         'a.example=' + store, '-u', 'anna=secret', '-u', 'bert=secret')
    return (server, int(server.wait_for(r'smtp on 127\.0\.0\.1:(\d+)').group(1)),
            int(server.wait_for(r'pop3 on 127\.0\.0\.1:(\d+)').group(1)))


def send(port, names, body=b'x\r\n'):
    """Sends a message for each name; (those that were accepted, the replies to the others)."""
    taken = []
    refused = []
    client = smtplib.SMTP('127.0.0.1', port, timeout=60)
    for name in names:
        try:
            client.sendmail('s@far.example', ['anna@a.example'],
                            b'Subject: %s\r\n\r\n%s' % (name.encode(), body))
            taken.append(name)
        except smtplib.SMTPDataError as exc:
            refused.append((exc.smtp_code, exc.smtp_error))
    client.quit()
    return taken, refused


def fetch(port, seen):
    """Counts the subjects of all mail in *seen*, and deletes it."""
    client = poplib.POP3('127.0.0.1', port, timeout=60)
    client.user('anna')
    client.pass_('secret')
    for number in range(client.stat()[0]):
        lines = client.retr(number + 1)[1]
        seen[[line[9:] for line in lines if line.startswith(b'Subject: ')][0].decode()] += 1
        client.dele(number + 1)
    client.quit()


def expect_all(stage, port, taken, seen, what):
    """Waits until all messages are there, each once."""
    def there():
        fetch(port, seen)
        if all(seen[name] for name in taken):
            return True
        time.sleep(0.5)
        return False

    stage.until(there, '%d of %d messages %s' % (len(taken), len(taken), what))
    twice = [name for name, count in seen.items() if count > 1]
    stage.demand(not twice, '%s: delivered twice: %s', what, twice[:5])


def left_in_tmp(store):
    """The names in the tmp folder of the mailbox."""
    return os.listdir(os.path.join(store, 'anna', 'tmp'))


def run(stage):
    """No inodes, then no room; with a restart and without."""
    disks = []
    try:
        disks.append(small_disk(stage, 'inodes', 'size=16m,nr_inodes=200'))
        without_inodes(stage, disks[-1])
        disks.append(small_disk(stage, 'room', 'size=2m,nr_inodes=2000'))
        without_room(stage, disks[-1])
    finally:
        for path in disks:
            subprocess.run(['umount', '-l', path])


def without_inodes(stage, store):
    """The journal takes messages that no mailbox can."""
    server, smtp, pop = start(stage, store)
    seen = collections.Counter()
    taken, _ = send(smtp, ['first'])
    expect_all(stage, pop, taken, seen, 'before')
    send(smtp, ['begun'])                       # the journal has a file that it can go on with
    filler = fill(store, FREE_INODES)
    taken, refused = send(smtp, ['n%d' % number for number in range(MESSAGES)])
    stage.demand(len(taken) == MESSAGES, '%d of %d messages were accepted, and then %r', len(taken),
                 MESSAGES, refused[:1])
    server.wait_for('stays in the journal')
    for name in filler:
        os.remove(name)
    expect_all(stage, pop, taken, seen, 'without a restart')
    # Once more, with a kill before there is room again; some were fetched before it.
    send(smtp, ['begun again'])
    filler = fill(store, FREE_INODES)
    taken, _ = send(smtp, ['k%d' % number for number in range(MESSAGES)])
    server.wait_for('messages stay in the journal')
    server.end()
    server, smtp, pop = start(stage, store)
    fetch(pop, seen)
    for name in filler:
        os.remove(name)
    expect_all(stage, pop, taken, seen, 'after a kill')
    server.end()
    server, smtp, pop = start(stage, store)
    fetch(pop, seen)
    stage.demand(max(seen.values()) == 1, 'delivered twice after a restart: %s',
                 [name for name in seen if seen[name] > 1][:5])
    stage.demand(left_in_tmp(store) == [], 'there is left in tmp: %s', left_in_tmp(store))
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-3000:])
    server.stop()


def without_room(stage, store):
    """Mail that cannot be accepted is refused with 452, and leaves nothing."""
    server, smtp, pop = start(stage, store)
    seen = collections.Counter()
    taken, refused = send(smtp, ['r%d' % number for number in range(60)],
                          (b'y' * 70 + b'\r\n') * 850)
    stage.demand(refused, 'all messages found room')
    stage.demand(all(code == 452 and text.startswith(b'4.3.1') for code, text in refused),
                 'the refusal is %r', refused[0])
    expect_all(stage, pop, taken, seen, 'on a full disk')
    stage.demand(left_in_tmp(store) == [], 'there is left in tmp: %s', left_in_tmp(store))
    more, _ = send(smtp, ['later'])
    expect_all(stage, pop, more, seen, 'when there is room again')
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-3000:])
    server.stop()
