#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# As many VIFs as a PIF can have.
# hosts: 2
# vm: --memory 6144 --timeout 3600
exec tools/manage/03-many.sh 4096
