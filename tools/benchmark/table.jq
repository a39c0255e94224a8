# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What report.jq made, as lines for column(1).
["eipoib", "routed", "vxlan", "gretap", "ipoib"] as $paths
| ["vib", "ib_ipoib", "eth_ipoib"] as $modules
| (["", $paths[], "|", $modules[]] | join(" ")),
(to_entries[] | .key as $test | .value as $of
	| [$test, ($paths[] | $of[.] | if . then "\(.instructions | round)" +
			if .speed == 1 then "" else "(\(.speed * 100 | round / 100))" end
		else "-" end),
		"|", ($modules[] | $of.eipoib.modules[.] // 0 | round)] | join(" "))
