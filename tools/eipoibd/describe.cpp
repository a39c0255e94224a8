// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "describe.hpp"

#include <sstream>

namespace eipoibd {

std::string hex(PKey pkey)
{
	char text[8];
	std::snprintf(text, sizeof(text), "0x%04x", pkey.value);
	return text;
}

Fields describe(const Model &model, const Binding &binding)
{
	Fields fields{{"pif", model.name(binding.pif)}, {"mac", binding.mac.text()}};
	if (binding.vlan)
		fields.push_back({"vlan", long{binding.vlan.value}});
	return fields;
}

Fields describe(const Model &model, const AddVif &step)
{
	Fields fields = describe(model, step.binding);
	fields.push_back({"vif", step.name});
	if (step.pkey)
		fields.push_back({"pkey", hex(step.pkey)});
	fields.push_back({step.want.is_own ? "device" : "port", model.name(step.want.source)});
	if (step.want.fdb)
		fields.push_back({"bridge", model.name(step.want.fdb->bridge)});
	return fields;
}

Fields describe(const Model &model, const RemoveVif &step)
{
	Fields fields;
	if (step.binding)
		fields = describe(model, *step.binding);
	fields.push_back({"vif", model.name(step.clone)});
	return fields;
}

std::string commands(const Model &model, const AddVif &step)
{
	const std::string pif = model.name(step.binding.pif);
	std::ostringstream out;

	out << "ip link add link " << model.name(step.lower) << " name " << step.name
	    << " type ipoib";
	if (step.pkey)
		out << " pkey " << hex(step.pkey);
	out << " index " << step.index << "\nip link set dev " << step.name << " alias "
	    << alias_prefix << "\nip link set dev " << step.name << " master " << pif
	    << "\nip link set dev " << pif << " vif " << step.name << " mac "
	    << step.binding.mac.text();
	if (step.binding.vlan)
		out << " vlan " << step.binding.vlan.value;
	out << '\n';
	return out.str();
}

std::string commands(const Model &model, const RemoveVif &step)
{
	return "ip link del dev " + model.name(step.clone) + "\n";
}

} // namespace eipoibd
