# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What attribute printed, as raw lines, becomes instructions for one datagram, request or kilobyte:
# in all, by module, and those of eth_ipoib by function.  "speed" is how many of them eth_ipoib
# carries in the time in which another path carries one.
def total: map(.instructions) | add;
def by(f): group_by(f) | map({(.[0] | f): total}) | add;

[inputs | split("\t") | {test: .[0], path: .[1], module: .[2], symbol: .[3],
	instructions: (.[4] | tonumber)}]
| group_by(.test)
| map({(.[0].test): (group_by(.path) | map({(.[0].path): {
	instructions: total,
	modules: by(.module),
	functions: (map(select(.module == "eth_ipoib")) | by(.symbol))}}) | add
	| .eipoib.instructions as $ours
	| map_values(.speed = .instructions / $ours))})
| add
