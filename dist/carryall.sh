#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
# carryall on Java, with the JVM's options for a short start.  A link to this file that is called
# mktap, twistd ... is that command.  JAVA_HOME or the path says which Java; CARRYALL_JAVA_OPTIONS
# adds options of yours, such as -Xmx1g.
#
#   carryall.sh --archive      writes carryall.jsa beside the jar: what the JVM has loaded, ready to
#                              be mapped, for the Java that is here; from then on a start takes
#                              about half the time.
set -e
self=$(readlink -f "$0")
here=$(dirname "$self")
name=${CARRYALL_NAME:-$(basename "$0" .sh)}
for java in "$here/runtime/bin/java" "${JAVA_HOME:+$JAVA_HOME/bin/java}" \
        "$(command -v java || true)"; do
    [ -n "$java" ] && [ -x "$java" ] && break
done
if [ ! -x "$java" ]; then
    echo "carryall.sh: there is no java on the path, and JAVA_HOME names none" >&2
    exit 1
fi
# One collector and the first compiler: the least processor time and memory for a server of some
# hundred requests a second. The property is what --sun-misc-unsafe-memory-access=allow sets, which
# a Java before 23 does not know: guava uses that class.
options="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m -Xmx256m"
options="$options -Dsun.misc.unsafe.memory.access=allow"
# Another Java's archive, or an old one, is passed over without a word; Java 11 knows no
# cds+dynamic.
quiet='-Xlog:cds*=off'
archive="$here/carryall.jsa"

# End the server of write_archive if it still runs, and remove its folder.
clean_up() {
    trap "" INT TERM HUP
    if [ -n "$pid" ]; then
        kill -9 "$pid" || :
        wait "$pid" || :
    fi 2>/dev/null
    rm -rf "$scratch"
}

# Start a server and end it again, with the archive written meanwhile; in its place it is put whole
# or not at all.
write_archive() {
    scratch=
    pid=
    trap clean_up EXIT
    trap 'exit 1' INT TERM HUP
    scratch=$(mktemp -d "$here/carryall.jsa.XXXXXX")
    mkdir "$scratch/site"
    "$java" -XX:ArchiveClassesAtExit="$scratch/carryall.jsa" $options \
        -jar "$here/carryall.jar" web \
        --path "$scratch/site" --port tcp:0:interface=127.0.0.1 >"$scratch/log" 2>&1 &
    pid=$!
    tries=0
    until grep -q listening "$scratch/log" 2>/dev/null; do
        tries=$((tries + 1))
        if grep -q "option 'ArchiveClassesAtExit" "$scratch/log" 2>/dev/null; then
            echo "carryall.sh: $java makes no such archive; Java 13 and newer do" >&2
            exit 1
        elif [ $tries -gt 300 ] || ! kill -0 $pid 2>/dev/null; then
            cat "$scratch/log" >&2
            exit 1
        fi
        sleep 0.1
    done
    kill $pid
    wait $pid
    pid=
    if [ ! -f "$scratch/carryall.jsa" ]; then
        echo "carryall.sh: $java wrote no archive; one that has none of its own classes needs" \
            "$java -Xshare:dump first" >&2
        exit 1
    fi
    mv -f "$scratch/carryall.jsa" "$archive"
    echo "$archive"
}

if [ "$1" = --archive ]; then
    write_archive
    exit 0
fi
shared=
[ -r "$archive" ] && shared="-XX:SharedArchiveFile=$archive"
exec "$java" $options ${shared:+"$shared" "$quiet"} $CARRYALL_JAVA_OPTIONS \
    -Dcarryall.name="$name" -jar "$here/carryall.jar" "$@"
