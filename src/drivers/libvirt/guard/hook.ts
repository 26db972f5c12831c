/**
 * The hook script for libvirt's QEMU driver: a POSIX shell script with awk, as even the smallest hosts have them. libvirt runs it with the
 * domain's name, the operation and its part as arguments and the domain's XML on standard input, and gives up what it began when the script
 * ends with another status than 0. Nothing is printed on standard output, which libvirt would take for the XML of an incoming domain.
 *
 * The script does not read XML as such: libvirt prints `<` in values as `&lt;`, so that each `<` begins a tag. Whatever has a PCI address in a
 * `<source>` counts, wherever it stands, so that nothing that a domain's metadata says can hide a device.
 */
export function guardHookScript({ ledger, strict }: { readonly ledger: string; readonly strict: boolean }): string {
  return [...HEAD, `ledger='${ledger}'`, `strict=${strict ? 'yes' : 'no'}`, BODY].join('\n');
}

const HEAD = [
  '#!/bin/sh',
  '# Guard of Berth: refuses a domain that wants a PCI device which the ledger of this host gives to another domain.',
  '# Made by "berth libvirt guard-hook"; install it, executable, as /etc/libvirt/hooks/qemu.d/berth-guard.',
  '# A ledger line is "0000:3b:02.1 NAME"; a device may have several lines. Without a ledger everything is allowed.',
];

const BODY = String.raw`
say() {
  if command -v logger >/dev/null 2>&1; then logger -t berth-guard -- "$1" 2>/dev/null && return; fi
  printf '%s\n' "berth guard: $1" >&2
}

case "$2/$3" in
prepare/begin | start/begin | migrate/begin) ;;
*) exit 0 ;;
esac

if [ ! -f "$ledger" ] || [ ! -r "$ledger" ]; then
  say "there is no ledger $ledger: $1 is not checked"
  exit 0
fi

verdict=$(BERTH_LEDGER=$ledger BERTH_STRICT=$strict BERTH_DOMAIN=$1 LC_ALL=C awk '
function attribute(name, text) {
  if (!match(text, "[ \t\r\n]" name "=(\047[^\047]*\047|\"[^\"]*\")")) return ""
  text = substr(text, RSTART, RLENGTH)
  match(text, /=/)
  return substr(text, RSTART + 2, length(text) - RSTART - 2)
}
function padded(number, digits) {
  number = tolower(number)
  if (number ~ /^0x/) number = substr(number, 3)
  else if (number ~ /^[0-9]+$/) number = sprintf("%x", number)
  if (number !~ /^[0-9a-f]+$/) return "?"
  sub(/^0+/, "", number)
  while (length(number) < digits) number = "0" number
  return number
}
BEGIN {
  self = ENVIRON["BERTH_DOMAIN"]
  file = ENVIRON["BERTH_LEDGER"]
  while ((getline line < file) > 0) {
    sub(/[ \t\r]+$/, "", line)
    if (line ~ /^[ \t]*(#|$)/) continue
    sub(/^[ \t]+/, "", line)
    if (!match(line, /^[^ \t]+[ \t]+/)) { bad++; continue }
    device = tolower(substr(line, 1, RLENGTH))
    owner = substr(line, RLENGTH + 1)
    sub(/[ \t]+$/, "", device)
    if (device ~ /^[0-9a-f]+:[0-9a-f]+\.[0-7]$/) device = "0000:" device
    if (device !~ /^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+\.[0-7]$/ || owner == "") { bad++; continue }
    if (device in given) given[device] = given[device] " or " owner
    else given[device] = owner
    if (owner == self) own[device] = 1
  }
  close(file)
  if (bad) print bad " lines of " file " are no entries"
  RS = "<"
}
/^\/source/ { inside = 0 }
/^source[ \t\r\n>]/ { inside = ($0 !~ /^[^>]*\/>/) }
inside && /^address[ \t\r\n]/ {
  if (attribute("bus", $0) == "" || attribute("slot", $0) == "" || attribute("function", $0) == "") next
  where = attribute("domain", $0)
  if (where == "") where = "0"
  device = padded(where, 4) ":" padded(attribute("bus", $0), 2) ":" padded(attribute("slot", $0), 2)
  device = device "." padded(attribute("function", $0), 1)
  if (device in own) next
  if (device in given) print "device " device " is given to " given[device] ", not to " self " (" file ")"
  else if (ENVIRON["BERTH_STRICT"] == "yes") print "device " device " is given to nobody, so not to " self " (" file ")"
}
') || {
  say "the guard itself failed: $1 is not checked"
  exit 0
}

status=0
IFS='
'
set -f
for line in $verdict; do
  case $line in
  "device "*)
    printf '%s\n' "berth guard: $line" >&2
    status=1
    ;;
  *) say "$line" ;;
  esac
done
exit $status
`;
