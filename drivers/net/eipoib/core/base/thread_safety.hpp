// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Clang's thread-safety analysis: what is written under a lock says so, and clang refuses an access
// without it (-Wthread-safety). Other compilers, the modules' among them, see nothing of it.
//
// The witnesses of platform.hpp prove that some lock is held, this that it is the right one.
// Members of nodes are left to the former: their lock is that of the table that they are in.
#pragma once

#ifdef __clang__
#define EIPOIB_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define EIPOIB_THREAD_SAFETY(attribute)
#endif

#define EIPOIB_CAPABILITY(name) EIPOIB_THREAD_SAFETY(capability(name))
#define EIPOIB_SCOPED_CAPABILITY EIPOIB_THREAD_SAFETY(scoped_lockable)
#define EIPOIB_GUARDED_BY(lock) EIPOIB_THREAD_SAFETY(guarded_by(lock))
#define EIPOIB_MUST_HOLD(lock) EIPOIB_THREAD_SAFETY(requires_capability(lock))
#define EIPOIB_ACQUIRES(lock) EIPOIB_THREAD_SAFETY(acquire_capability(lock))
#define EIPOIB_RELEASES EIPOIB_THREAD_SAFETY(release_capability())
#define EIPOIB_UNSHARED EIPOIB_THREAD_SAFETY(no_thread_safety_analysis) // nobody else has it
#define EIPOIB_ASSERTS_HELD EIPOIB_THREAD_SAFETY(assert_capability(this))
