# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What attribute printed for scale.sh, as lines for column(1): the instructions of a test in all and
# of eth_ipoib, with so many VIFs or peers, and how many times those with one it is.
BEGIN {
	FS = "\t"
	print "test with all ratio eth_ipoib"
}

{
	key = $1 " " $2
	if (!(key in all))
		keys[++count] = key
	all[key] += $5
	if ($3 == "eth_ipoib")
		ours[key] += $5
}

END {
	for (i = 1; i <= count; i++) {
		split(keys[i], part, "[ :]")
		one = all[part[1] " " part[2] ":1"]
		printf "%s %.0f %.3f %.0f\n", keys[i], all[keys[i]], all[keys[i]] / one, ours[keys[i]]
	}
}
