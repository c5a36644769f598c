#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
# carryall on Java, with the JVM's options for a short start.  A link to this file that is called mktap, twistd ... is that
# command.  JAVA_HOME or the path says which Java; CARRYALL_JAVA_OPTIONS adds options of yours, such as -Xmx1g.
#
#   carryall.sh --archive      writes carryall.jsa beside the jar: what the JVM has loaded, ready to be mapped, for the Java
#                              that is here; from then on a start takes about half the time.
set -e
self=$(readlink -f "$0")
here=$(dirname "$self")
name=${CARRYALL_NAME:-$(basename "$0" .sh)}
for java in "$here/runtime/bin/java" "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)"; do
    [ -n "$java" ] && [ -x "$java" ] && break
done
if [ ! -x "$java" ]; then
    echo "carryall.sh: there is no java on the path, and JAVA_HOME names none" >&2
    exit 1
fi
# One collector and the first compiler: the least processor time and memory for a server of some hundred requests a second.
options="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m -Xmx256m"
archive="$here/carryall.jsa"
if [ "$1" = --archive ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$java" -XX:ArchiveClassesAtExit="$scratch/carryall.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off $options -jar "$here/carryall.jar" web --path "$scratch" \
        --port tcp:0:interface=127.0.0.1 >"$scratch/log" 2>&1 &
    pid=$!
    tries=0
    until grep -q listening "$scratch/log" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 $pid 2>/dev/null; then
            cat "$scratch/log" >&2
            exit 1
        fi
        sleep 0.1
    done
    kill $pid
    wait $pid
    mv "$scratch/carryall.jsa" "$archive"
    echo "$archive"
    exit 0
fi
[ -f "$archive" ] && options="$options -XX:SharedArchiveFile=$archive -Xlog:cds=off -Xlog:cds+dynamic=off"
exec "$java" $options $CARRYALL_JAVA_OPTIONS -Dcarryall.name="$name" -jar "$here/carryall.jar" "$@"
