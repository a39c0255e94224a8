// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// seeds TARGET DIRECTORY [FILE...]: the case tables as a corpus, a file for each input, and what
// the files hold: NAME.hex one input, others one on each line.

#include "events.hpp"
#include "port.hpp"

#include "cases/dhcp_cases.hpp"
#include "cases/dhcp_plan_cases.hpp"
#include "cases/nd_cases.hpp"
#include "cases/nd_plan_cases.hpp"
#include "cases/rx_cases.hpp"
#include "cases/snoop_cases.hpp"
#include "cases/transparent_cases.hpp"
#include "cases/tx_cases.hpp"

#include <linux/eipoib.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

using namespace eipoib::cases;
using fuzz::Bytes;
using fuzz::Events;
using kxx::u8;

namespace {

class Corpus {
public:
	explicit Corpus(std::string directory) : directory_(std::move(directory))
	{
	}

	void add(const Bytes &input)
	{
		std::ofstream file(directory_ + "/seed-" + std::to_string(count_++),
				   std::ios::binary);
		for (u8 byte : input)
			file.put(static_cast<char>(byte));
		if (!file.flush())
			throw std::runtime_error("cannot write to " + directory_);
	}

	void add(std::string_view hex)
	{
		add(fuzz::from_hex(hex));
	}

private:
	std::string directory_;
	unsigned count_ = 0;
};

void add_nd(Corpus &corpus)
{
	for (const NdCase &c : nd_cases) {
		corpus.add(c.ethernet);
		corpus.add(c.infiniband);
	}
	for (const NdRefusal &refusal : nd_ethernet_refusals)
		corpus.add(refusal.packet);
	for (const NdRefusal &refusal : nd_infiniband_refusals)
		corpus.add(refusal.packet);
	for (const NdAnnouncedCase &c : nd_announced_cases)
		corpus.add(c.infiniband);
	corpus.add(nd_signed);
}

void add_dhcp(Corpus &corpus)
{
	for (const DhcpCase &c : dhcp_cases)
		corpus.add(c.packet);
	for (const DhcpRefusal &refusal : dhcp_refusals)
		corpus.add(refusal.packet);
}

void add_announcements(Corpus &corpus)
{
	corpus.add("65495042 01 01 52540067e9bd 525400112233");
	corpus.add("65495042 02 01 52540067e9bd 525400112233");
}

template <typename Visit> void for_each_tx(Visit visit)
{
	for (const TxCase &c : tx_cases)
		visit(c);
	for (const TxCase &c : tx_transparent_cases)
		visit(c);
	for (const TxCase &c : tx_nd_cases)
		visit(c);
	for (const TxCase &c : tx_dhcp_cases)
		visit(c);
}

template <typename Visit> void for_each_rx(Visit visit)
{
	for (const RxCase &c : rx_cases)
		visit(c);
	for (const RxCase &c : rx_transparent_cases)
		visit(c);
	for (const RxCase &c : rx_nd_cases)
		visit(c);
}

// A report as a guest sends it.
Bytes to_a_group(const SnoopCase &c)
{
	const bool is_ipv6 = c.packet[0] == '6';
	Bytes frame = fuzz::from_hex(is_ipv6 ? "333300000016 0002c9433bf1 86dd"
					     : "01005e000016 0002c9433bf1 0800");
	const Bytes packet = fuzz::from_hex(c.packet);
	frame.insert(frame.end(), packet.begin(), packet.end());
	return frame;
}

// More peers, stations behind one, and unknown MACs than are remembered.
void add_many(Corpus &corpus)
{
	Bytes peers, stations, wanted;
	Bytes peer = fuzz::from_hex("01000100 fe80000000000000 0002c90300433d00 0800 0100"
				    "4500001400000000 40010000 0a000002 0a000001");
	Bytes station = fuzz::from_hex("01000052 fe80000000000000 0002c90300433c05 6558 0005"
				       "ffffffffffff 525400000100 88b5 01");
	Bytes unknown = fuzz::from_hex("525400000200 0002c9433bf1 88b5 01");
	for (u8 i = 0; i < 64; i++) {
		peer[3] = peer[19] = peer[23] = i;
		station[35] = unknown[5] = i;
		Events::append(peers, fuzz::happens::rx, 4, peer);
		Events::append(stations, fuzz::happens::rx, 4, station);
		Events::append(wanted, fuzz::happens::tx, 0, unknown);
	}
	corpus.add(peers);
	corpus.add(stations);
	corpus.add(wanted);
}

// Something that happens before frames that would be taken, one of them with more than its head.
void add_before_frames(Corpus &corpus, u8 what, u8 how)
{
	Bytes report = fuzz::from_hex("01000050 fe80000000000000 0002c90300433c01 0800 0002"
				      "46c000c8 00004000 0102f9ef 0a090001 e0000016 94040000"
				      "2200f6f9 00000001 04000000 e1010203");
	report.resize(EIPOIB_LINK_HLEN + 200);
	Bytes input;
	const Bytes unicast = fuzz::from_hex(tx_cases[0].frame);
	Events::append(input, what, how, {});
	Events::append(input, fuzz::happens::tx, 0, unicast);
	Events::append(input, what, how, {});
	Events::append(input, fuzz::happens::rx, how & 3, fuzz::from_hex(rx_cases[0].frame));
	Events::append(input, fuzz::happens::rx, 4, report);
	Events::append(input, fuzz::happens::rx, 5, report);
	corpus.add(input);
}

// Each frame alone, and all of them one after the other with some time between.
void add_core(Corpus &corpus)
{
	using namespace fuzz::happens;
	Bytes all;
	const auto add = [&](u8 what, unsigned how, const Bytes &frame) {
		Bytes input;
		Events::append(input, what, static_cast<u8>(how), frame);
		Events::append(input, pass, 8, {});
		Events::append(input, answer, 0, {});
		Events::append(input, pass, 30, {});
		corpus.add(input);
		all.insert(all.end(), input.begin(), input.end());
	};
	for_each_tx([&](const TxCase &c) {
		const unsigned tag = c.tci == EIPOIB_TCI_NONE ? 0 : c.tci & 0x3f;
		add(tx, tag << 2 | unsigned{c.is_checksum_pending} << 1 | unsigned{c.is_gso},
		    fuzz::from_hex(c.frame));
	});
	for_each_rx([&](const RxCase &c) {
		const unsigned vif = c.vif_qpn == 0x4d ? 3 : (c.vif_qpn - 0x48) & 3;
		add(rx, vif | unsigned{c.is_group} << 2, fuzz::from_hex(c.frame));
	});
	for (const SnoopCase &c : snoop_cases)
		add(tx, 0, to_a_group(c));
	for (unsigned vif = 0; vif < 4; vif++) {
		const u8 events[][2] = {{carrier, 0},  {unbind, 0},
					{recreate, 0}, {bind, static_cast<u8>(vif << 2)},
					{mtu, 0},      {address, 0xc0},
					{mtu, 0x80},   {carrier, 4},
					{no_memory, 0}};
		for (const auto &[what, how] : events) {
			add(what, how | vif, {});
			add_before_frames(corpus, what, static_cast<u8>(how | vif));
		}
	}
	// An administrator says where a MAC is; then one peer announces it, and another sends from
	// it.
	Bytes fixed;
	Events::append(fixed, fix, 6, {});
	for (const Teaching &t : teachings)
		Events::append(fixed, rx, 4, fuzz::from_hex(t.frame));
	Events::append(fixed, rx, 4,
		       fuzz::from_hex("01000050 fe80000000000000 0002c90300433c01 6558 0002"
				      "ffffffffffff 5254000000e1 88b5 01"));
	corpus.add(fixed);
	add(listen, 0, fuzz::from_hex("01005e000001 01005e000002 3333ff00000a"));
	corpus.add(all);
	add_many(corpus);
}

void add_roundtrip(Corpus &corpus)
{
	for_each_tx([&](const TxCase &c) {
		Bytes input;
		Events::append(input, 0, static_cast<u8>(c.is_checksum_pending << 2),
			       fuzz::from_hex(c.frame));
		corpus.add(input);
	});
	for (const SnoopCase &c : snoop_cases) {
		Bytes input;
		Events::append(input, 1, 1, to_a_group(c));
		corpus.add(input);
	}
}

void add_groups(Corpus &corpus)
{
	using namespace fuzz::group_happens;
	for (const SnoopCase &c : snoop_cases) {
		Bytes input;
		const Bytes packet = fuzz::from_hex(c.packet);
		Events::append(input, report, 0, packet);
		Events::append(input, hear, 0, packet);
		Events::append(input, report, 2, packet);
		Events::append(input, tick, 200, {});
		Events::append(input, tick, 200, {});
		Events::append(input, designate, 2, {});
		Events::append(input, forget, 0, {});
		Events::append(input, drop, 0, {});
		corpus.add(input);
	}
	Bytes input;
	Events::append(input, listen, 0, fuzz::from_hex("01005e000001 01005e000002 3333ff00000a"));
	Events::append(input, no_memory, 1, {});
	Events::append(input, add, 1, {});
	corpus.add(input);
}

// A MAD of each attribute, asked and set, by both ways; and datagrams of each kind.
void add_fabric(Corpus &corpus)
{
	using namespace fuzz::fabric_happens;
	constexpr u8 attributes[] = {0x01, 0x02, 0x10, 0x11, 0x12, 0x14, 0x15,
				     0x16, 0x17, 0x18, 0x19, 0x1b, 0x1d};
	constexpr u8 classes[] = {0x01, 0x81, 0x04};
	constexpr u8 methods[] = {1, 2, 7};
	Bytes all;
	for (u8 attribute : attributes)
		for (u8 mgmt_class : classes)
			for (u8 method : methods) {
				Bytes mad(258);
				mad[1] = 100;
				mad[2] = mad[4] = 1;
				mad[3] = mgmt_class;
				mad[5] = method;
				mad[8] = mad[9] = 1; // hops
				mad[19] = attribute;
				mad[2 + 128 + 1] = 1;
				Bytes input;
				Events::append(input, smp, mgmt_class == 0x81 ? 4 : 0, mad);
				Events::append(input, fuzz::fabric_happens::mad, 1,
					       {mad.begin() + 2, mad.end()});
				corpus.add(input);
			}
	for (unsigned how = 0; how < 0x40; how += 4) {
		Bytes datagram(24 + 32);
		datagram[1] = 2;
		datagram[21] = how & 4 ? 1 : 0x50;
		Events::append(all, send, static_cast<u8>(how), datagram);
	}
	Events::append(all, plug, 1, {});
	Events::append(all, plug, 5, {});
	corpus.add(all);
	corpus.add(
		"02000018 00020002 0006 0001 6400ffff 00000050 00000001 00001234 00000050 00000000"
		"05010018 00020002 0006 0001 6400ffff 00000050 00000001 00001234 00000050 "
		"00000000");
	// By a trunk: a datagram, a group's, one for nobody, hellos of the other end and of a
	// third.
	corpus.add(
		"08000018 00020002 0006 0001 6400ffff 00000050 00000001 00001234 00000050 00000000"
		"08000018 00020004 0006 0001 6400ffff 00000050 00000001 00001234 00000050 00000000"
		"08000040 0003c000 0010 0001 6000000000181b00 fe800000000000000000000000000001"
		"ff120000000000000000000000000001 6400ffff 00ffffff 00000001 00001234 00000050 "
		"00000000"
		"07000018 01010001 00009ee9 00005e1f 0000000000001234 01000000"
		"07000018 01010001 00009eea 00000000 0000000000001234 01000000"
		"07000018 01010001 0000abcd 00000000 0000000000005678 01000000"
		"07010018 01010001 0000abcd 00000000 0000000000005678 01000000"
		"0a000000 09000000 09040000 0a000000");
	for (u8 attribute : attributes) {
		Bytes smp(8 + 12 + 8 + 256 + 4);
		smp[0] = 0xf0;
		smp[1] = 2;
		smp[2] = smp[3] = smp[6] = smp[7] = 0xff;
		smp[5] = static_cast<u8>(smp.size() / 4);
		smp[8] = 0x64;
		smp[10] = smp[11] = 0xff;
		u8 *mad = smp.data() + 28;
		mad[0] = mad[2] = mad[3] = mad[6] = mad[7] = 1;
		mad[1] = 0x81;
		mad[17] = attribute;
		mad[32] = mad[33] = mad[34] = mad[35] = 0xff;
		mad[129] = 4;
		Bytes input;
		Events::append(input, fuzz::fabric_happens::trunk, 0, smp);
		corpus.add(input);
	}
}

// A message of netlink; numbers are in the order of the host.
class Attributes {
public:
	Attributes &put(kxx::u16 type, const Bytes &payload)
	{
		const kxx::u16 length = static_cast<kxx::u16>(4 + payload.size());
		for (const kxx::u16 half : {length, type}) {
			bytes_.push_back(static_cast<u8>(half));
			bytes_.push_back(static_cast<u8>(half >> 8));
		}
		bytes_.insert(bytes_.end(), payload.begin(), payload.end());
		bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
		return *this;
	}

	Attributes &put(kxx::u16 type, const Attributes &nest)
	{
		return put(type, nest.bytes_);
	}

	const Bytes &bytes() const
	{
		return bytes_;
	}

private:
	Bytes bytes_;
};

// IFLA_INFO_DATA of our kind.
Attributes link_of(const Attributes &data)
{
	return Attributes().put(IFLA_LINKINFO,
				Attributes()
					.put(IFLA_INFO_KIND, {'e', 'i', 'p', 'o', 'i', 'b'})
					.put(IFLA_INFO_DATA, data));
}

Attributes vif_of(const Attributes &what)
{
	return link_of(Attributes().put(IFLA_EIPOIB_VIF, what));
}

// What ip(8) and bridge(8) send.
void add_netlink(Corpus &corpus)
{
	using namespace fuzz::netlink_happens;
	const Bytes mac = fuzz::from_hex("5254000000a1"), other = fuzz::from_hex("5254000000a2");
	const Attributes index = Attributes().put(IFLA_EIPOIB_VIF_IFINDEX, Bytes{10, 0, 0, 0});
	const Attributes bound = Attributes(index).put(IFLA_EIPOIB_VIF_MAC, mac);
	const Attributes gone = Attributes().put(NDA_LLADDR, other);
	const Attributes entry =
		Attributes(gone)
			.put(NDA_DST, fuzz::from_hex("fe800000000000000002c90300433c05"))
			.put(NDA_VNI, Bytes{0x52, 0, 0, 0});
	Bytes input;
	const auto add_event = [&](u8 what, unsigned how, const Attributes &attributes) {
		Events::append(input, what, static_cast<u8>(how), attributes.bytes());
	};
	add_event(create, 0,
		  link_of(Attributes().put(IFLA_EIPOIB_MAX_PEERS, Bytes{0, 1, 0, 0}))
			  .put(IFLA_LINK, Bytes{2, 0, 0, 0}));
	add_event(change, 0, vif_of(Attributes(bound).put(IFLA_EIPOIB_VIF_VLAN, Bytes{3, 0})));
	add_event(change, 0,
		  vif_of(Attributes(index).put(IFLA_EIPOIB_VIF_FLAGS, Bytes{1, 0, 0, 0})));
	add_event(change, 0, vif_of(Attributes(index).put(IFLA_EIPOIB_VIF_NONE, Bytes{})));
	add_event(change, 0, vif_of(bound));
	for (unsigned how = 0x40; how <= 0xff; how += 4) {
		add_event(fuzz::netlink_happens::add, how, entry);
		add_event(del, 0, how & 0x40 ? gone : entry);
	}
	add_event(flush, 0x80,
		  Attributes()
			  .put(NDA_NDM_STATE_MASK, Bytes{0x80, 0})
			  .put(NDA_NDM_FLAGS_MASK, Bytes{2}));
	corpus.add(input);
}

// Each opcode as the expected packet, with buffers and requests to answer.
void add_rc(Corpus &corpus)
{
	using namespace fuzz::rc_happens;
	const Bytes addressed =
		fuzz::from_hex("0000000000007000 00001234 00000008 0000000000000000 00000000");
	for (u8 opcode = 0; opcode < 0x18; opcode++) {
		Bytes input, bytes = {opcode, 3};
		bytes.insert(bytes.end(), addressed.begin(), addressed.end());
		Events::append(input, provide, 2, {4});
		for (u8 verb = 0; verb < 6; verb++)
			Events::append(input, post, verb, fuzz::from_hex("01807000"));
		Events::append(input, transmit, 16, {});
		Events::append(input, packet, 0, bytes);
		Events::append(input, transmit, 4, {});
		Events::append(input, timer, 0, {});
		Events::append(input, packet, 0xff, bytes);
		Events::append(input, attr, 7, {});
		Events::append(input, memory, 0, {});
		Events::append(input, transmit, 4, {});
		corpus.add(input);
	}
}

// Two requests of each operation, taken and released; completions, and more than fit in.
void add_user(Corpus &corpus)
{
	using namespace fuzz::user_happens;
	for (u8 opcode = 0; opcode < 10; opcode++)
		for (u8 how = 0; how < 2; how++) {
			Bytes wqe(208 + 16), input{0, 3};
			wqe[12] = opcode;
			wqe[16] = how ? 8 : 2; // inline, or signaled
			wqe[184] = 8;	       // its length
			wqe[184 + 12] = 1;     // a piece
			wqe[208 + 8] = 8;      // of that length
			Events::append(input, entry, 0, wqe);
			Events::append(input, entry, 8, wqe);
			Events::append(input, position, 1, {2, 0, 0, 0});
			for (u8 next : {take, take, release, release, forget})
				Events::append(input, next, how, {});
			corpus.add(input);
		}
	Bytes completions{2, 3};
	for (u8 i = 0; i < 5; i++)
		Events::append(completions, put, i, {});
	Events::append(completions, position, 0, {2, 0, 0, 0});
	Events::append(completions, resize, 7, {});
	corpus.add(completions);
}

// MSS and length of a large send, then the headers of IPoIB, IPv4 and TCP or UDP.
void add_offload(Corpus &corpus)
{
	for (const char *lengths : {"0005dc000bb8", "000001000007", "000578010000", "000000000010"})
		for (const char *packet :
		     {"080000004500002800014000400600000a0000010a000002"
		      "1388138900000001000000025019010000000000",
		      "080000004500003400014000400600000a0000010a000002"
		      "13881389000000010000000280180100000000000101080a0000000100000002",
		      "080000004500002000014000401100000a0000010a000002"
		      "13880009000c000074657374"})
			corpus.add(std::string(lengths) + packet);
}

// The digits are those up to a #, on each line.
void add_hex(Corpus &corpus, const char *name)
{
	std::ifstream file(name);
	std::string hex, line;
	while (std::getline(file, line))
		hex += line.substr(0, line.find('#'));
	if (hex.empty())
		throw std::runtime_error(std::string("nothing in ") + name);
	corpus.add(hex);
}

void add_lines(Corpus &corpus, const char *name)
{
	std::ifstream file(name);
	std::string line;
	while (std::getline(file, line))
		corpus.add(line);
}

void add_tables(Corpus &corpus, std::string_view target)
{
	if (target == "nd")
		add_nd(corpus);
	else if (target == "dhcp")
		add_dhcp(corpus);
	else if (target == "announcement")
		add_announcements(corpus);
	else if (target == "core")
		add_core(corpus);
	else if (target == "roundtrip")
		add_roundtrip(corpus);
	else if (target == "groups")
		add_groups(corpus);
	else if (target == "fabric")
		add_fabric(corpus);
	else if (target == "netlink")
		add_netlink(corpus);
	else if (target == "rc")
		add_rc(corpus);
	else if (target == "user")
		add_user(corpus);
	else if (target == "offload")
		add_offload(corpus);
	else
		throw std::runtime_error("no such target: " + std::string(target));
}

} // namespace

int main(int argc, char **argv)
{
	if (argc < 3)
		return EXIT_FAILURE;
	Corpus corpus(argv[2]);
	add_tables(corpus, argv[1]);
	for (int i = 3; i < argc; i++)
		std::string_view(argv[i]).ends_with(".hex") ? add_hex(corpus, argv[i])
							    : add_lines(corpus, argv[i]);
	return EXIT_SUCCESS;
}
