// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Carries plans out, and says so.
#pragma once

#include "kernel.hpp"
#include "log.hpp"

namespace eipoibd {

class Daemon {
public:
	Daemon(Kernel &kernel, Log &log, Config config)
		: kernel_(kernel), log_(log), planner_(std::move(config))
	{
	}

	// What would be done now, as ip(8) would be told to do it.
	void print_plan(std::ostream &out);

	// Makes everything as it should be, once, and says whether all of it worked. What is not
	// needed goes at once.
	bool run_once();

	// Until SIGTERM or SIGINT. @read_config is for SIGHUP.
	void run(const std::function<Config()> &read_config);

private:
	void load();
	void reconcile();
	void wait(int signals);
	bool has_news();
	bool handle_signals(int signals, const std::function<Config()> &read_config);
	void reload(const std::function<Config()> &read_config);

	void carry_out(const AddVif &step);
	void carry_out(const RemoveVif &step);
	void carry_out(const ProbeVif &step);
	void check_pkey(const AddVif &step);
	void refused(const AddVif &step, const NetlinkError &error);
	bool is_elsewhere(const AddVif &step);
	bool is_still(const RemoveVif &step);
	void report_capped(std::set<Capped> capped);

	Kernel &kernel_;
	Log &log_;
	Planner planner_;
	Model model_;
	std::optional<Time> deadline_;
	std::set<Capped> capped_;
	std::map<Binding, std::string> complaints_;	   // what was said already
	std::set<std::pair<Ifindex, PKey>> missing_pkeys_; // the same
	bool has_failed_ = false;
};

} // namespace eipoibd
