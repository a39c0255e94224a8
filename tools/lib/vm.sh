# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2154,SC2054
# The host's side of one VM run.  The variables are those of tools/vm.

BOOT_SECONDS=${EIPOIB_BOOT_SECONDS:-120}

# What a healthy kernel never prints.
KERNEL_TROUBLE='Kernel panic|Oops|BUG: |BUG at|kernel BUG|WARNING: |Call Trace:|KASAN|KCSAN|KMSAN|UBSAN'
KERNEL_TROUBLE+='|KFENCE|general protection fault|Unable to handle|unable to handle|unreferenced object'
KERNEL_TROUBLE+='|INFO: (task|rcu|possible|trying|HARDIRQ|SOFTIRQ)|self-detected stall|soft lockup'
KERNEL_TROUBLE+='|hard LOCKUP|refcount_t: |list_(add|del) corruption|waiting for .* to become free'
KERNEL_TROUBLE+='|ODEBUG|bad unlock balance|possible recursive locking|suspicious RCU|stack-protector'
KERNEL_TROUBLE+='|scheduling while atomic|Out of memory|Attempted to kill init|^guest-boot: '

# vm_prepare ARGS...: the run's directory, initramfs and command line.
vm_prepare() {
	VM_OUT=${out:-$VM_TMP/out}
	mkdir -p "$VM_OUT" || exit 125
	VM_OUT=$(realpath "$VM_OUT")
	rm -f "$VM_OUT"/{status,started,console.log,dmesg.log,stdout.log,stderr.log}
	: > "$VM_OUT/stdout.log"
	: > "$VM_OUT/stderr.log"
	[[ ! $count ]] || rm -rf "$VM_OUT/counts" && mkdir -p "$VM_OUT/counts" || exit 125
	VM_NONCE=$(od -A n -N 16 -t x1 /dev/urandom | tr -d ' \n')
	if [[ -z $partitions ]]; then
		partitions=$VM_TMP/partitions.conf
		echo 'Default=0x7fff, ipoib : ALL=full;' > "$partitions"
	fi
	partitions=$(realpath -e "$partitions") || exit 125
	mkdir -p "$VM_TMP/init/resident"
	cp "$TOP/tools/lib/guest-boot" "$VM_TMP/init/init"
	vm_configuration "$@" > "$VM_TMP/init/run.conf"
	echo "$TOP" > "$VM_TMP/init/tree"
	resident_copy "$VM_TMP/init/resident" "$(compgen -G "$VM_TMP/bin/ip")"
	(cd "$VM_TMP/init" && find . -print0 | cpio --quiet -0 -H newc -o) |
		cat "$K_DIR/boot/initramfs" - > "$VM_TMP/initrd"
}

# vm_configuration ARGS...: what the guest reads; the nonce stays with its PID 1.
vm_configuration() {
	local path=

	[[ ! -x $VM_TMP/bin/ip ]] || path=$VM_TMP/bin
	printf '%s=%q\n' VM_NONCE "$VM_NONCE" VM_TREE "$TOP" VM_SCRIPT "$script" \
		VM_HOSTS "$hosts" VM_KERNEL "$kernel" VM_FABRIC "$fabric" \
		VM_RELEASE "$K_RELEASE" VM_MODULES "${B_DIR-$K_DIR}/modules" \
		VM_PARTITIONS "$partitions" VM_PATH "$path" VM_SLOW "$slow" VM_VIB "$vib"
	echo "VM_ARGS=(${*@Q})"
}

# vm_command: set VM_COMMAND.
#
# One host thread for all CPUs: with one each, QEMU 7.2 may execute a breakpoint
# that the kernel's code patching has already replaced ("Oops: int3" about once in
# a hundred boots), and takes half as much CPU time again.  Only for KCSAN, which
# waits for another CPU to come by; its kernel patches next to no code.
vm_command() {
	local image=$K_DIR/boot/vmlinuz cpu=max timing=()

	[[ ! -e $K_DIR/boot/vmlinux ]] || image=$K_DIR/boot/vmlinux
	# QEMU 7.2's cmpxchg16b may leave what is in RAX in the flags, and the next interrupt is a
	# double fault. The allocator does without; what is counted is to be what a CPU would do.
	[[ $count ]] || cpu+=,cx16=off
	[[ ! $icount ]] || timing=(-icount "shift=0,sleep=off")
	VM_COMMAND=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot
		-accel "tcg,thread=$threads,tb-size=128" -cpu "$cpu" "${timing[@]}" -m "$memory" -smp "$cpus,sockets=$cpus"
		-kernel "$image" -initrd "$VM_TMP/initrd"
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic hung_task_panic=1
softlockup_panic=1 watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60 mitigations=off
tsc=reliable no_timer_check random.trust_cpu=on $append"
		-chardev "file,id=console,path=$VM_OUT/console.log" -serial chardev:console
		-object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng
		-virtfs "local,path=/,mount_tag=rootfs,security_model=none,readonly=on,multidevs=remap"
		-virtfs "local,path=$VM_OUT,mount_tag=out,security_model=none,multidevs=remap")
	vm_nics
	[[ ! $count ]] || VM_COMMAND+=(-plugin "$VM_TMP/bin/count.so,out=$VM_OUT/counts")
	VM_COMMAND=("${VM_COMMAND[@]//$'\n'/ }")
}

# vm_nics: a device for each --nic, with an address that no other VM has.
vm_nics() {
	local i mac

	for i in "${!nics[@]}"; do
		mac=$(od -A n -N 3 -t x1 /dev/urandom)
		mac=52:54:01${mac// /:}
		VM_COMMAND+=(-netdev "${nics[i]%%,*},id=nic$i,${nics[i]#*,}"
			-device "virtio-net-pci,netdev=nic$i,mac=$mac,romfile=")
	done
}

# vm_run: start, show what the script prints, and see that it ends in time.
vm_run() {
	local boot=$((BOOT_SECONDS * slow)) limit
	local deadline=$((SECONDS + boot))
	limit="it did not start in $boot s"

	vm_command
	"${VM_COMMAND[@]}" < /dev/null > "$VM_TMP/qemu.log" 2>&1 &
	VM_PID=$!
	tail -n +1 -s 0.1 -f --pid="$VM_PID" "$VM_OUT/stdout.log" &
	VM_TAILS=($!)
	tail -n +1 -s 0.1 -f --pid="$VM_PID" "$VM_OUT/stderr.log" >&2 &
	VM_TAILS+=($!)
	VM_LATE=
	while kill -0 "$VM_PID" 2> /dev/null; do
		if [[ -e $VM_OUT/started && $limit != *limit* ]]; then
			deadline=$((SECONDS + timeout * slow))
			limit="the time limit of $((timeout * slow)) s is over"
		elif ((SECONDS > deadline)); then
			VM_LATE=$limit
			break
		fi
		sleep 0.1
	done
	kill -KILL "$VM_PID" 2> /dev/null
	wait "$VM_PID" 2> /dev/null
	VM_PID=
	wait "${VM_TAILS[@]}"
	VM_TAILS=()
}

vm_cleanup() {
	[[ -z ${VM_PID-} ]] || kill -KILL "$VM_PID" "${VM_TAILS[@]}" 2> /dev/null
	rm -rf "$VM_TMP"
}

# vm_failed REASON: no verdict of the script counts.
vm_failed() {
	{
		echo "--- the end of the console:"
		tail -n 40 "$VM_OUT/console.log" 2> /dev/null | tr -d '\r'
		echo "---"
		cat "$VM_TMP/qemu.log"
	} >&2
	say "$1"
	exit 125
}

# Races of the kernel's own on whose way our functions are.  That of NAPI is between a
# softirq and an interrupt of one CPU, which the network core allows for.
KNOWN_RACES=' in (__napi_schedule / net_rx_action)$'

# console: what the kernel said, without the heads of KCSAN's reports that name none
# of our modules: others' races are others'.
console() {
	tr -d '\r\0' < "$VM_OUT/console.log" | awk -v ours='[[](eth_ipoib|ib_ipoib|vib)[]]' \
		-v known="$KNOWN_RACES" '
		/BUG: KCSAN: / && $0 ~ known	{ head = ""; next }
		/BUG: KCSAN: / && $0 !~ ours	{ head = $0; next }
		head && $0 ~ ours		{ print head; head = "" }
		/======$/			{ head = "" }
						{ print }
		END				{ if (head) print head }'
}

# vm_verdict: exit with the script's status if it is beyond doubt.
vm_verdict() {
	local nonce='' status='' trouble

	trouble=$(console | grep -a -E -m 1 "$KERNEL_TROUBLE")
	[[ -z $trouble ]] || vm_failed "the kernel is in trouble: $trouble"
	[[ -z $VM_LATE ]] || vm_failed "$VM_LATE"
	[[ -s $VM_OUT/status ]] || vm_failed "the VM ended without a verdict"
	read -r nonce status < "$VM_OUT/status"
	[[ $nonce == "$VM_NONCE" && $status =~ ^[0-9]+$ ]] ||
		vm_failed "the status is not of this run"
	exit "$status"
}
