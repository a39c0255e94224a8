// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "daemon.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "describe.hpp"
#include "notify.hpp"
#include "port.hpp"

namespace eipoibd {

namespace {

// Signals as a file descriptor.
class Signals {
public:
	Signals()
	{
		sigset_t set;
		sigemptyset(&set);
		for (const int signal : {SIGTERM, SIGINT, SIGHUP})
			sigaddset(&set, signal);
		sigprocmask(SIG_BLOCK, &set, nullptr);
		fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		if (fd_ < 0)
			throw std::system_error(errno, std::generic_category(), "signalfd");
	}

	Signals(const Signals &) = delete;
	Signals &operator=(const Signals &) = delete;

	~Signals()
	{
		close(fd_);
	}

	int fd() const
	{
		return fd_;
	}

private:
	int fd_;
};

} // namespace

void Daemon::load()
{
	model_ = kernel_.dump();
}

void Daemon::print_plan(std::ostream &out)
{
	load();
	const Plan plan = planner_.plan(model_, Clock::now());
	for (const Step &step : plan.steps) {
		if (const auto *addition = std::get_if<AddVif>(&step))
			out << commands(model_, *addition);
		else if (const auto *removal = std::get_if<RemoveVif>(&step))
			out << commands(model_, *removal);
	}
}

bool Daemon::run_once()
{
	load();
	reconcile();
	return !has_failed_;
}

void Daemon::run(const std::function<Config()> &read_config)
{
	const Signals signals;

	load();
	reconcile();
	log_.info("ready");
	notify("READY=1");
	for (;;) {
		wait(signals.fd());
		if (!handle_signals(signals.fd(), read_config))
			break;
		if (has_news())
			reconcile();
	}
	notify("STOPPING=1");
	log_.info("stopped");
}

// Whether there may be something to do.
bool Daemon::has_news()
{
	const auto update = kernel_.update(
		model_, [&](const Binding &binding) { planner_.see(binding, Clock::now()); });
	if (update == Kernel::Update::lost) {
		log_.warning("events-lost");
		load();
	}
	return update != Kernel::Update::none || (deadline_ && *deadline_ <= Clock::now());
}

void Daemon::wait(int signals)
{
	pollfd fds[] = {{kernel_.events(), POLLIN, 0}, {signals, POLLIN, 0}};
	timespec timeout{};

	if (deadline_) {
		using namespace std::chrono;
		const auto left = std::max(*deadline_ - Clock::now(), Clock::duration::zero());
		const auto whole = duration_cast<seconds>(left);
		timeout.tv_sec = whole.count();
		timeout.tv_nsec = duration_cast<nanoseconds>(left - whole).count();
	}
	if (ppoll(fds, std::size(fds), deadline_ ? &timeout : nullptr, nullptr) < 0 &&
	    errno != EINTR)
		throw std::system_error(errno, std::generic_category(), "poll");
}

// False: it is time to end.
bool Daemon::handle_signals(int signals, const std::function<Config()> &read_config)
{
	signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			return false;
		notify("RELOADING=1");
		reload(read_config);
		notify("READY=1");
	}
	return true;
}

void Daemon::reload(const std::function<Config()> &read_config)
{
	try {
		planner_.set_config(read_config());
		deadline_ = Clock::now();
		log_.info("reloaded");
	} catch (const ConfigError &error) {
		log_.error("not-reloaded", {{"reason", error.what()}});
	}
}

// Each step changes the model or is put off, so there is an end to it.
void Daemon::reconcile()
{
	for (;;) {
		Plan plan = planner_.plan(model_, Clock::now());
		report_capped(std::move(plan.capped));
		deadline_ = plan.deadline;
		if (plan.steps.empty())
			return;
		for (const Step &step : plan.steps)
			std::visit([this](const auto &s) { carry_out(s); }, step);
	}
}

void Daemon::carry_out(const AddVif &step)
{
	if (is_elsewhere(step)) {
		planner_.put_off(step.binding, Obstacle::elsewhere, Clock::now());
		return;
	}
	try {
		model_.set(kernel_.add(step));
		planner_.succeeded(step.binding);
		complaints_.erase(step.binding);
		log_.info("vif-added", describe(model_, step));
		check_pkey(step);
	} catch (const NetlinkError &error) {
		refused(step, error);
	}
}

// ib_ipoib waits for a P_Key, and starts when the subnet manager has given it.
void Daemon::check_pkey(const AddVif &step)
{
	const std::string lower = model_.name(step.lower);
	if (!step.pkey || port_has(lower, step.pkey) ||
	    !missing_pkeys_.emplace(step.lower, step.pkey).second)
		return;
	log_.warning("pkey-missing", {{"parent", lower}, {"pkey", hex(step.pkey)}});
}

void Daemon::refused(const AddVif &step, const NetlinkError &error)
{
	if (error.code().value() == EEXIST) {
		planner_.set_taken(step); // by a clone in another namespace
		return;
	}
	// Perhaps what we know is old.
	load();
	if (!model_.find(step.binding.pif) || find_vif(model_, step.binding))
		return;
	has_failed_ = true;
	planner_.put_off(step.binding, Obstacle::failure, Clock::now());
	std::string &complaint = complaints_[step.binding];
	if (complaint == error.what())
		return;
	complaint = error.what();
	Fields fields = describe(model_, step);
	fields.push_back({"reason", complaint});
	log_.warning("vif-refused", fields);
}

// Whether a peer has the MAC that a guest seems to have.
bool Daemon::is_elsewhere(const AddVif &step)
{
	if (step.want.is_own)
		return false;
	const auto there = kernel_.heard_there(step.binding);
	if (!there)
		return false;
	auto here = std::chrono::milliseconds(0);
	if (step.want.fdb)
		here = kernel_.heard_here(*step.want.fdb).value_or(*there);
	return !has_moved_here(*there, here);
}

void Daemon::carry_out(const RemoveVif &step)
{
	const Fields fields = describe(model_, step);
	if (!is_still(step))
		return;
	try {
		kernel_.remove(step.clone);
	} catch (const NetlinkError &error) {
		if (error.code().value() != ENODEV) {
			has_failed_ = true;
			planner_.put_off({step.clone, {}, {}}, Obstacle::failure, Clock::now());
			return;
		}
	}
	model_.erase(step.clone);
	log_.info("vif-removed", fields);
}

// What is removed is gone, so yesterday's news are not good enough.
bool Daemon::is_still(const RemoveVif &step)
{
	const auto link = kernel_.link(step.clone);
	if (!link) {
		model_.erase(step.clone);
		return false;
	}
	const bool is_same = is_ours(*link) && binding_of(*link) == step.binding;
	model_.set(*link);
	return is_same;
}

void Daemon::carry_out(const ProbeVif &step)
{
	const auto link = kernel_.link(step.clone);
	if (link)
		planner_.observe(step.binding, link->tx_packets, Clock::now());
	else
		model_.erase(step.clone);
}

void Daemon::report_capped(std::set<Capped> capped)
{
	for (const Capped &port : capped) {
		if (!capped_.contains(port))
			log_.warning("port-full",
				     {{"pif", model_.name(port.pif)},
				      {"port", model_.name(port.port)},
				      {"max-per-port",
				       static_cast<long>(planner_.config().max_per_port)}});
	}
	capped_ = std::move(capped);
}

} // namespace eipoibd
