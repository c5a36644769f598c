# Copyright the carryall authors.  See LICENSE.
"""Listings and errors in headless Chromium, 400, 800 and 1600 pixels wide, light and dark.

A page of the site itself opens them in frames and measures them; pictures are left in
build/screenshots."""
import json
import os
import re

from acceptance.stage import ROOT

PROVES = ['WEB-03']
NEEDS = ['chromium']
PACKAGES = {'chromium': 'chromium'}
LONG = True
EACH_RUNTIME = False

PICTURES = os.path.join(ROOT, 'build', 'screenshots')
WIDTHS = (400, 800, 1600)
SCHEMES = {'light': ('1', 'rgb(255, 255, 255)'), 'dark': ('0', 'rgb(18, 22, 27)')}
PAGES = ('/pub/', '/pub/?filter=file', '/pub/empty/', '/pub/?filter=nothing%20of%20it', '/none',
         '/pub/' + 'deep%20folder/' * 8)

LONG_NAME = 'a long name ' + 'x' * 150 + '.tar.gz'
NAMES = ['file1.txt', 'file2.txt', 'file10.txt', 'caf\u00e9 <b>.pdf', 'a\u202egnp.exe',
         '\u05e2\u05d1\u05e8\u05d9\u05ea.txt', LONG_NAME]

# Opens each page at each width, and writes what it measured as JSON into its own body.
CHECKER = r'''<!DOCTYPE html>
<meta charset="utf-8"><title>check</title><body><script>
var jobs = %s, rows = [];
function measure(frame, job) {
  var doc = frame.contentDocument, view = frame.contentWindow, out = [], broken = [];
  var all = doc.body.querySelectorAll('*');
  for (var i = 0; i < all.length; i++) {
    var box = all[i].getBoundingClientRect();
    // The text of a name that is too long is cut off by the link around it.
    if (box.width && all[i].tagName !== 'BDI' && (box.left < 0 || box.right > job.width + 1)) {
      out.push(all[i].outerHTML.slice(0, 80));
    }
  }
  var lines = doc.querySelectorAll('tbody a');
  for (i = 0; i < lines.length; i++) {
    if (lines[i].getBoundingClientRect().height > 40) { broken.push(lines[i].textContent); }
  }
  var input = doc.getElementById('filter'), left = null;
  if (input && doc.querySelector('tbody')) {
    input.value = 'FILE1';
    input.dispatchEvent(new view.Event('input'));
    left = [].filter.call(doc.querySelectorAll('tbody tr:not(.up)'), function (row) {
      return row.getBoundingClientRect().height > 0;
    }).map(function (row) { return row.cells[0].textContent; });
  }
  var zone = doc.getElementById('zone'), time = doc.querySelector('time');
  return {page: job.page, width: job.width, still: !!job.still, out: out, broken: broken,
    left: left, scroll: doc.documentElement.scrollWidth,
    ground: view.getComputedStyle(doc.body).backgroundColor,
    headings: doc.querySelectorAll('h1').length, labels: input ? input.labels.length : 1,
    focusable: [].every.call(doc.querySelectorAll('a, input:not([type=hidden]), button'),
      function (each) { return each.tabIndex === 0; }),
    zone: zone && zone.textContent, time: time && [time.dateTime, time.textContent],
    loaded: view.performance.getEntriesByType('resource').length};
}
function next() {
  var job = jobs.shift();
  if (!job) {
    document.body.textContent = 'RESULT' + JSON.stringify(rows) + 'END';
    return;
  }
  var frame = document.createElement('iframe');
  frame.width = job.width;
  frame.height = 900;
  frame.style.border = '0';
  if (job.still) { frame.sandbox = 'allow-same-origin'; }     // no script runs in it
  frame.onload = function () { rows.push(measure(frame, job)); frame.remove(); next(); };
  frame.src = job.page;
  document.body.appendChild(frame);
}
next();
</script>
'''


def run(stage):
    """Pictures of a listing and of an error; then the measurements."""
    for name in NAMES:
        stage.write('site/pub/' + name, b'x' * 3000)
    os.makedirs(stage.path('site', 'pub', 'empty'))
    os.makedirs(stage.path('site', 'pub', *['deep folder'] * 8))
    jobs = [{'page': page, 'width': width} for page in PAGES for width in WIDTHS]
    jobs.append({'page': '/pub/', 'width': 800, 'still': True})
    stage.write('site/check.html', (CHECKER % json.dumps(jobs)).encode('utf-8'))
    server = stage.start('carryall', 'web', '--path', 'site', '--listing', '--port',
                         'tcp:0:interface=127.0.0.1')
    base = 'http://%s:%d' % server.address()
    os.makedirs(PICTURES, exist_ok=True)
    for scheme, (number, ground) in sorted(SCHEMES.items()):
        for width in WIDTHS:
            for name, page in (('listing', '/pub/'), ('error', '/none')):
                picture = os.path.join(PICTURES, '%s-%s-%d.png' % (name, scheme, width))
                browser(stage, number, '--window-size=%d,900' % width, '--screenshot=' + picture,
                        base + page)
                stage.demand(os.path.getsize(picture) > 1000, 'no picture %s', picture)
        said = browser(stage, number, '--virtual-time-budget=20000', '--dump-dom',
                       base + '/check.html')
        found = re.search(b'RESULT(.*)END', said, re.S)
        stage.demand(found is not None, 'the browser measured nothing: %r', said[-2000:])
        rows = json.loads(found.group(1).replace(b'&lt;', b'<').replace(b'&gt;', b'>').replace(
            b'&amp;', b'&'))
        stage.demand(len(rows) == len(jobs), '%d of %d pages were measured', len(rows), len(jobs))
        for row in rows:
            judge(stage, row, ground)
    server.stop()


def browser(stage, scheme, *words):
    """The output of Chromium in a zone that is far from UTC."""
    return stage.foreign('env', 'TZ=Asia/Tokyo', 'HOME=' + stage.folder, 'chromium',
                         '--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
                         '--disable-dev-shm-usage', '--no-first-run',
                         '--user-data-dir=' + stage.path('profile'),
                         '--blink-settings=preferredColorScheme=' + scheme, *words)


def judge(stage, row, ground):
    """One page at one width."""
    where = '%s at %d pixels' % (row['page'], row['width'])
    stage.demand(not row['out'] and row['scroll'] <= row['width'], '%s overflows: %s', where,
                 row['out'] or row['scroll'])
    stage.demand(not row['broken'], '%s breaks names: %s', where, row['broken'])
    stage.demand(row['ground'] == ground, '%s has the ground %s', where, row['ground'])
    stage.demand(row['headings'] == 1, '%s has %d headings', where, row['headings'])
    stage.demand(row['labels'] == 1, 'the filter of %s has %d labels', where, row['labels'])
    stage.demand(row['focusable'], 'the keyboard does not reach all of %s', where)
    stage.demand(row['loaded'] == 0, '%s loads %d resources', where, row['loaded'])
    if row['still']:
        stage.demand(row['zone'] == 'UTC', 'without JavaScript the zone is %s', row['zone'])
        stage.demand(row['time'][1] == row['time'][0][:16].replace('T', ' '),
                     'without JavaScript %s is shown as %s', *row['time'])
        return
    if row['left'] is not None and row['page'] == '/pub/':
        stage.demand(sorted(row['left']) == ['file1.txt', 'file10.txt'],
                     'the filter of %s leaves %s', where, row['left'])
    if row['time'] is not None:
        utc, shown = row['time']
        stage.demand(row['zone'] == 'local time', '%s tells the zone %s', where, row['zone'])
        hours = (int(shown[11:13]) - int(utc[11:13])) % 24
        stage.demand(hours == 9, '%s shows %s for %s', where, shown, utc)
