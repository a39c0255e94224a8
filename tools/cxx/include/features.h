/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* stands in for glibc's <features.h>, the only libc header libstdc++'s freestanding headers want */
#pragma once
#define __GLIBC_PREREQ(major, minor) 0
