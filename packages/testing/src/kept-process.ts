/**
 * A shell between us and a server: it waits for the end of its standard input, which comes when this process ends, be
 * it by SIGKILL; then it stops the server and removes the folder ($0). Without descriptor 3 the subshell would read
 * /dev/null, as every background command of a script does.
 */
export function keeperScript(signal: 'INT' | 'TERM'): string {
  return `
exec 3<&0
"$@" 3<&- & server=$!
( read -r line <&3; kill -${signal} $server ) & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
[ -e "$0/started" ] && rm -rf "$0"
exit $code`
}
