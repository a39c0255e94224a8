/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Bugs that the core commits for proof.c.
 */
#ifndef EIPOIB_ABI_PROOF_H
#define EIPOIB_ABI_PROOF_H

#ifdef __cplusplus
extern "C" {
#endif

/* @past is always 0, which the compiler does not know. */
void eipoib_core_proof_heap(unsigned int past);
void eipoib_core_proof_stack(unsigned int past);
void eipoib_core_proof_freed(unsigned int past);
void eipoib_core_proof_bounds(unsigned int past);
void eipoib_core_proof_shift(unsigned int past);
void eipoib_core_proof_sleep(unsigned int past);
void eipoib_core_proof_leak(unsigned int past);

void eipoib_core_proof_race(unsigned int rounds);
void eipoib_core_proof_order(unsigned int rounds);

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_PROOF_H */
