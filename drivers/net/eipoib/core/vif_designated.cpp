// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The designated VIF of a partition: who receives its group frames, and how that changes.

#include "vif.hpp"

namespace eipoib {

// Keep the designated VIF while it is eligible and not @leaving, else choose another that is.
void VifTable::elect(const ConfigUpdater &config, Partition &partition, const Vif *leaving)
{
	auto is_eligible = [&](const Vif &vif) {
		const Binding *binding = vif.binding_.load(config);
		return &vif != leaving && vif.has_carrier_ && binding &&
		       binding->partition_ == &partition;
	};

	const Vif *designated = partition.designated_.load(config);
	if (designated && is_eligible(*designated))
		return;
	const Vif *heir = vifs_.front();
	while (heir && !is_eligible(*heir))
		heir = vifs_.next(*heir);
	if (heir != designated)
		hand_over(config, partition, heir);
}

// Make before break: the new VIF receives before the old one stops, and of each frame the copy
// that is seen first counts.
void VifTable::hand_over(const ConfigUpdater &config, Partition &partition, const Vif *heir)
{
	const Vif *old = partition.designated_.load(config);
	// Without memory for it some frames may come twice.
	Overlap *overlap = heir && old ? try_create<Overlap>(Context::config) : nullptr;
	if (overlap)
		overlap->begin(old, heir);
	Overlap *former = partition.overlap_.load(config);
	partition.overlap_.store(config, overlap);
	if (former)
		free_deferred(former);

	if (heir)
		eipoib_k_vif_attach(heir->dev_, true);
	groups_->designate(partition.id_, heir ? heir->dev_ : nullptr);
	if (heir && old)
		eipoib_k_vif_settle(heir->dev_);
	partition.designated_.store(config, heir);
	if (old) {
		groups_->retire(partition.id_, old->dev_);
		eipoib_k_vif_attach(old->dev_, false);
	}
	if (overlap)
		overlap->end(config, eipoib_k_now());
}

bool VifTable::counts(const RcuReader &reader, const Partition &partition, const Vif &vif,
		      const eipoib_rx_frame &frame, u32 now) const
{
	Overlap *overlap = partition.overlap_.load(reader);
	if (!overlap || overlap->is_over(now))
		return partition.designated_.load(reader) == &vif;
	if (!overlap->concerns(&vif))
		return false;
	LockGuard guard(overlap_lock_);
	return overlap->is_first(guard, &vif, ByteView(frame.link, EIPOIB_LINK_HLEN),
				 ByteView(frame.head, frame.head_len), frame.len);
}

} // namespace eipoib
