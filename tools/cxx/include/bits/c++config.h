/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * libstdc++ 12 is configured "hosted" even under -ffreestanding (13 and later are not).
 * Take away what would pull libc headers into <algorithm> and <atomic>.
 */
#pragma once
#pragma GCC system_header
#ifndef _GLIBCXX_USE_DEPRECATED
# define _GLIBCXX_USE_DEPRECATED 0	/* std::random_shuffle: <cstdlib> */
#endif
#include_next <bits/c++config.h>
#if _GLIBCXX_RELEASE < 13
# undef _GLIBCXX_HAS_GTHREADS		/* atomic wait/notify: <pthread.h> */
# undef _GLIBCXX_HAVE_LINUX_FUTEX
#endif
