// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The module's own, watched by spy.h.  eipoib_kunit.ko has it as it is, and
 * Kbuild makes one object of one source.
 */

#include "../../drivers/net/eipoib/platform.c"
