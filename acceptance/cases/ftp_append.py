# Copyright the carryall authors.  See LICENSE.
"""carryall ftp: six clients of two servers append to one file at the same time; the file and the
log of transfers are complete."""
import ftplib
import io
import threading

PROVES = ['FTP-02']
NEEDS = []
LONG = True

CLIENTS = 6
RECORDS = 100           # of each client
CLIENT_SECONDS = 120.0


def run(stage):
    """Two servers that share a folder and a log."""
    stage.write('pub/readme.txt', b'x')
    servers = [stage.start('carryall', 'ftp', '--root', 'pub', '--port',
                           'tcp:0:interface=127.0.0.1', '--demo-user',
                           '--max-per-address', '20', '--logfile', 'xferlog') for _ in range(2)]
    addresses = [server.address() for server in servers]
    answers = []
    clients = [threading.Thread(target=append, args=(addresses[number % 2], number, answers))
               for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(CLIENT_SECONDS)
    wrong = [answer for answer in answers if not answer.startswith('226')]
    stage.demand(not wrong, 'refused: %s', wrong)
    stage.demand(len(answers) == CLIENTS * RECORDS, '%d answers', len(answers))
    found = stage.read('pub/all').splitlines()
    wanted = [b'%d-%d' % (number, record) for number in range(CLIENTS) for record in range(RECORDS)]
    stage.demand(sorted(found) == sorted(wanted), '%d acknowledged, %d of them in the file',
                 len(answers), len(found))
    for server in servers:
        server.stop()
    lines = stage.read('xferlog').decode('ascii').splitlines()
    whole = [line for line in lines if line.endswith(' b _ i r twisted ftp 0 * c')]
    stage.demand(len(whole) == len(wanted), '%d whole lines in the log of transfers', len(whole))


def append(address, number, answers):
    """One client, which appends record after record."""
    with ftplib.FTP() as client:
        client.connect(*address, timeout=CLIENT_SECONDS)
        client.login('twisted', 'twisted')
        for record in range(RECORDS):
            answers.append(client.storbinary('APPE all', io.BytesIO(b'%d-%d\n' % (number, record))))
