/* Generated from `schemas/` by `npm run generate`; do not edit. Fields that have a default are always there once a document is read. */

/**
 * The hosts behind one access switch. A host says by `spec.accessGroup` that it belongs to the group. Load is balanced inside a group first; moves across groups happen only when policy allows.
 */
interface AccessGroup {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'AccessGroup';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * The switch and its way to the rest of the network.
   */
  readonly spec: {
    /**
     * Name of the access switch.
     */
    readonly switch: string;
    /**
     * Rate of the uplink in Mbit/s; 0: not limited.
     */
    readonly uplinkMbps: number;
    /**
     * Round trips from the group to named sites, used where nothing was measured.
     *
     * Items: One site.
     */
    readonly latencies: {
      /**
       * Name of the site; latency budgets name it too.
       */
      readonly site: string;
      /**
       * Round trip in milliseconds.
       */
      readonly ms: number;
    }[];
  };
}

/**
 * Somebody’s consent to one plan, bound to its hash: a plan that comes out different needs a new one.
 */
interface Approval {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'Approval';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Which plan, and who agrees.
   */
  readonly spec: {
    /**
     * Hash of the plan, as `berth plan` prints it.
     */
    readonly planHash: string;
    /**
     * Who agrees: name or address.
     */
    readonly approvedBy: string;
    /**
     * End of the consent (RFC 3339); none when absent.
     */
    readonly expiresAt?: string;
  };
}

/**
 * One set of hypervisor hosts that Berth reconciles: how to reach it, and what it may do at once. A repository holds at least one; with exactly one, the other documents need not name it. The daemon follows a commit that adds a Cluster, removes one (nothing of it is reconciled any more, and its machines stay as they are), or changes `driver` or `connection`: after the running pass.
 */
interface Cluster {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'Cluster';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Driver, limits and rhythm.
   */
  readonly spec: {
    /**
     * Which driver speaks to the hypervisors.
     */
    readonly driver: 'simulator' | 'libvirt';
    /**
     * What the driver needs.
     */
    readonly connection: {
      /**
       * For the simulator: path in this repository of the file that says which hardware, machines and load exist. Keep it in a folder that starts with a dot: files there are not documents. Of a cluster that has been looked at before, only hosts that are new in the file count.
       */
      readonly scenario?: string;
      /**
       * For libvirt: by the name of each host, how its daemon is reached. Every Host of the cluster must be here: what runs on a host that is never asked could be started a second time. Two names for one host are refused; where only the daemons can tell (they have the same host UUID), neither is looked at.
       */
      readonly hosts?: {
        /**
         * How one host is reached.
         */
        readonly [k: string]: {
          /**
           * libvirt URI of its daemon, as seen by Berth, such as `qemu:///system`, `qemu+tls://host-a/system` or `qemu+ssh://root@host-a/system`. Only qemu is driven. `qemu+tcp` is refused: nothing is encrypted there, and who connects is proven by SASL only, which Berth does not speak.
           */
          readonly uri: string;
          /**
           * libvirt URI under which the daemons of other hosts reach it, for migrations. It is read by libvirt's own library on the other hosts, which has more transports (`tls`, `tcp`, `ssh`, `libssh`, `libssh2`) and speaks SASL; so `qemu+tcp` is possible here, and sensible in a trusted network or with SASL only. Default: `uri` without `pkipath`, `keyfile` and `known_hosts`, which are paths on Berth's own computer; none where `uri` is a unix socket or an address such as `localhost`: then, among several hosts, nothing can migrate to it, and `berth validate` warns.
           */
          readonly peerUri?: string;
          /**
           * Where other hosts send memory to, by `tcp://` or `rdma://`. Default: libvirt chooses.
           */
          readonly migrationUri?: string;
          /**
           * How commands run on the host that libvirt has no call for, such as reading the counters of VFs: `local`, or by ssh. Default: they do not run.
           */
          readonly commands?: string;
          /**
           * Path of the ledger that the guard hook of the host reads (`berth libvirt guard-hook`); written by `commands`, which must be there too. Default: no guard is told.
           */
          readonly guardLedger?: string;
        };
      };
      /**
       * For libvirt: everything is asked for again after this long; in between, events tell what changed. Default: 60.
       */
      readonly resyncSeconds?: number;
      /**
       * For libvirt: how long a guest that is to stop may take to shut down by itself. Default: 30.
       */
      readonly shutdownSeconds?: number;
      /**
       * For libvirt: how long a guest may take to let go of a device. Default: 30.
       */
      readonly unplugSeconds?: number;
      /**
       * For libvirt: folders that all hosts mount. Disks there need not be copied.
       *
       * Items: A folder.
       */
      readonly sharedPaths?: string[];
      /**
       * For libvirt: path of the disk image of a machine that is started for the first time; `{machine}` stands for its name. Default: it has no disk.
       */
      readonly image?: string;
      /**
       * For libvirt: models, as `vendor:device`, whose functions carry their state over a live migration.
       *
       * Items: A model.
       */
      readonly liveMigratable?: string[];
      /**
       * For libvirt: memory crosses encrypted, by the certificates that the hosts have for QEMU. Default: false.
       */
      readonly tls?: boolean;
    };
    /**
     * Migrations that may run at once.
     */
    readonly limits: {
      /**
       * Migrations at once from or to one host.
       */
      readonly perHost: number;
      /**
       * Migrations at once from or to one access group.
       */
      readonly perGroup: number;
      /**
       * Migrations at once in the whole cluster.
       */
      readonly perCluster: number;
    };
    /**
     * Seconds between two passes of the daemon.
     */
    readonly intervalSeconds: number;
    /**
     * Look and report, but change nothing.
     */
    readonly suspend: boolean;
  };
}

/**
 * A set of devices that can stand in for one another. A machine claims a device by class, never by address; any free device of the class on a host will do.
 */
interface DeviceClass {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'DeviceClass';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Which devices, and how they can cross. Each list matches any device when it is empty.
   */
  readonly spec: {
    /**
     * `vf`: a virtual function of a NIC port · `function`: a whole PCIe function, such as a GPU.
     */
    readonly type: 'vf' | 'function';
    /**
     * PCI vendor ids, four hexadecimal digits.
     *
     * Items: One vendor id.
     */
    readonly vendors: string[];
    /**
     * PCI device ids, four hexadecimal digits.
     *
     * Items: One device id.
     */
    readonly devices: string[];
    /**
     * Kernel drivers that a device may be bound to. One that assignment has bound to vfio-pci passes whatever is named here.
     *
     * Items: One driver.
     */
    readonly drivers: string[];
    /**
     * Kinds of hardware.
     *
     * Items: One kind.
     */
    readonly categories: ('network' | 'gpu' | 'nvme' | 'fpga' | 'accelerator' | 'other')[];
    /**
     * Network that the port must be plugged into (see `Host` ports); any when absent.
     */
    readonly physicalNetwork?: string;
    /**
     * Strategies that devices of the class can take, best first. Default: all four for a `vf`; `hotplug` and `cold` for a `function`.
     *
     * Items: How a device crosses to another host. `vfio-live`: the device state goes along with memory · `failover`: a paravirtual NIC stands in during the move · `hotplug`: detach, move, attach · `cold`: stop, move, start.
     */
    readonly strategies?: ('vfio-live' | 'failover' | 'hotplug' | 'cold')[];
  };
}

/**
 * A hypervisor host. CPUs, memory and devices are discovered by the driver; written down is what cannot be seen from the host (its switch, its zone, the network behind a port), what is wanted of it (maintenance), and, under `expect`, facts that must be as written.
 */
interface Host {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'Host';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Where the host stands and what is wanted of it.
   */
  readonly spec: {
    /**
     * AccessGroup of the host: the access switch that it is connected to.
     */
    readonly accessGroup: string;
    /**
     * Zone, the widest unit of spread; hosts without one are in the zone with the empty name.
     */
    readonly zone: string;
    /**
     * `cordon`: nothing new comes to the host · `drain`: what runs there leaves as well.
     */
    readonly maintenance: 'none' | 'cordon' | 'drain';
    /**
     * Capacity that is kept for the host itself and not handed out.
     */
    readonly reserved: {
      /**
       * CPUs (threads).
       */
      readonly cpus: number;
      /**
       * Memory in MiB.
       */
      readonly memoryMiB: number;
    };
    /**
     * Virtual CPUs that are handed out for each CPU that is neither isolated nor reserved. Isolated CPUs are handed out once, whatever it says.
     */
    readonly cpuAllocationRatio: number;
    /**
     * Ports of NICs: what is behind each.
     *
     * Items: One port (PF).
     */
    readonly ports: {
      /**
       * Network device of the port on the host.
       */
      readonly netdev: string;
      /**
       * Network that the port is plugged into; device classes ask for it.
       */
      readonly physicalNetwork: string;
      /**
       * Port of the access switch at the other end of the cable; empty when it is not known.
       */
      readonly switchPort: string;
    }[];
    /**
     * Facts that the observation must agree with. Machines are checked against them before anything is observed.
     */
    readonly expect: {
      /**
       * CPU model as the hypervisor names it.
       */
      readonly cpuModel?: string;
      /**
       * CPUs (threads) of all cells, the isolated ones included.
       */
      readonly cpus?: number;
      /**
       * CPUs kept from the scheduler of the host, all cells.
       */
      readonly isolatedCpus?: number;
      /**
       * Memory of all cells in MiB, hugepages included.
       */
      readonly memoryMiB?: number;
      /**
       * Number of NUMA cells.
       */
      readonly numaNodes?: number;
      /**
       * A PTP hardware clock is present and synchronised.
       */
      readonly ptp?: boolean;
      /**
       * Rate of the migration network in MiB/s, each way.
       */
      readonly migrationMibps?: number;
      /**
       * Virtual functions of all ports.
       */
      readonly vfs?: number;
    };
  };
}

/**
 * What is done about load, by `goal`. `relieve`: a host above `high` for the held windows gives machines to hosts below `low`, in its own access group first, and both end below `high`. `balance`: while the load of the hosts differs by more than `tolerance`, machines move until it does not, or until no move gains `minimumGain`. `consolidate`: hosts are emptied while all others stay below `high`; nothing moves that does not empty a whole host. `defragment`: machines are moved together so that a pending machine which no host can take, or `slot`, finds room. The goals other than `relieve` weigh what a plan gains against what it costs by `weights`, and plan again from their own result until nothing is left to move. One host under two policies with `balance` and `consolidate` is an error unless one of them is suspended: they undo each other without end. A `balance` that stays out of tolerance is a refusal of the machine that would help most; slots that are not kept free, and what no machine can be named for, are drift of the policy.
 */
interface LoadPolicy {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'LoadPolicy';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Goal, thresholds, windows and brakes.
   */
  readonly spec: {
    /**
     * What moves are for: `relieve` hosts that are too full, `balance` the load of the hosts, `consolidate` machines on fewer hosts, `defragment` what is left over.
     */
    readonly goal: 'relieve' | 'balance' | 'consolidate' | 'defragment';
    /**
     * Which hosts: those that match every part that is written. All hosts when absent.
     */
    readonly hosts?: {
      /**
       * Any of these hosts; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly names?: string[];
      /**
       * Any of these access groups; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly accessGroups?: string[];
      /**
       * Labels that a host must carry, with these values.
       */
      readonly matchLabels?: {
        readonly [k: string]: string;
      };
    };
    /**
     * One entry a metric.
     *
     * Items: Thresholds of one metric, as shares of the host (0.8 is 80 %).
     */
    readonly thresholds: {
      /**
       * What is measured.
       */
      readonly metric: 'cpu' | 'memory' | 'network' | 'cpu-delay' | 'vf-packets';
      /**
       * A host above it is a source of `relieve`; no goal brings a host to it or above. Ratio, 0 to 1.
       */
      readonly high: number;
      /**
       * A host below it can be a target of `relieve`. Ratio, 0 to 1, less than `high`.
       */
      readonly low: number;
    }[];
    /**
     * Length of the window that a mean is taken over, in seconds.
     */
    readonly windowSeconds: number;
    /**
     * Windows in a row that must ask for moves (above `high`, out of `tolerance`) before anything moves; with one of them missing, nothing does. Plans reckon with the means of the load over these windows, so that what a machine does in one of them only does not move it.
     */
    readonly holdWindows: number;
    /**
     * A machine that moved is left alone for this many seconds.
     */
    readonly cooldownSeconds: number;
    /**
     * Least gain that is worth a move, as a ratio of a host's capacity: for `relieve` the drop of the host's excess load, for the other goals the drop of the weighted sum of all objectives. Default: 0.01 for `relieve`, 0.1 for the others.
     */
    readonly minimumGain?: number;
    /**
     * Whether machines may go to another access group: `when-needed`, that is when no host of their own group can take them, or `never`.
     */
    readonly crossGroup: 'when-needed' | 'never';
    /**
     * Most moves that one plan makes for this policy.
     */
    readonly maxMoves: number;
    /**
     * For `balance`: nothing moves while the standard deviation of the load over the hosts is at most this. For `consolidate`: so far below `high` stay the hosts that take machines. Ratio, 0 to 1.
     */
    readonly tolerance: number;
    /**
     * For `defragment`: room that shall be free on some host of the policy at all times, the size of a machine to come. When absent, only pending machines ask for room.
     */
    readonly slot?: {
      /**
       * Number of such slots that shall be free.
       */
      readonly count: number;
      /**
       * CPUs of a slot.
       */
      readonly vcpus: number;
      /**
       * Memory of a slot in MiB.
       */
      readonly memoryMiB: number;
      /**
       * Size of its pages in KiB; 0: ordinary pages.
       */
      readonly hugepageSizeKiB: 0 | 2048 | 1048576;
      /**
       * Its CPUs are isolated ones.
       */
      readonly isolatedCpus: boolean;
      /**
       * All of it is in one NUMA cell, its devices included.
       */
      readonly numaPinned: boolean;
      /**
       * Free devices that belong to a slot.
       *
       * Items: Devices of one class.
       */
      readonly devices: {
        /**
         * DeviceClass of the devices.
         */
        readonly class: string;
        /**
         * Number of them.
         */
        readonly count: number;
      }[];
    };
    /**
     * How much each objective counts; a plan makes the weighted sum small. An objective that is not written has its default.
     */
    readonly weights: {
      /**
       * Load above `high`, summed over hosts and metrics, in shares of a host. Every goal.
       */
      readonly overload: number;
      /**
       * Standard deviation of the load over the hosts, times their number, by metric, in shares of a host. `balance`; in `relieve`, how much the emptier host is preferred.
       */
      readonly imbalance: number;
      /**
       * Minutes of transfer, and of downtime times the migration weight of the machine's role. Every goal; in `relieve`, how much a better strategy is preferred.
       */
      readonly migration: number;
      /**
       * Number of missing slots: of `slot`, or of a pending machine's size. `defragment`; in `relieve`, how much a host without rare devices is preferred.
       */
      readonly fragmentation: number;
      /**
       * Number of machines that leave their access group. Every goal.
       */
      readonly groupCrossing: number;
      /**
       * Number of hosts with a machine on them: energy. `consolidate`.
       */
      readonly hostsInUse: number;
    };
    /**
     * Budget of each search beyond the first answer: for fewer or lighter moves off a hot host, machines that change places, a better balance, chains of moves that empty a host or make room. The same budget and seed give the same plan for the same state.
     */
    readonly search: {
      /**
       * Number of changes that are looked at in one search.
       */
      readonly evaluations: number;
      /**
       * Number that its random choices follow from.
       */
      readonly seed: number;
    };
    /**
     * Measure, but move nothing for this policy.
     */
    readonly suspend: boolean;
  };
}

/**
 * How machines are moved: strategies, how many at once, deadlines, maintenance windows, approval and the blast radius. The policy without a selector holds for all machines that no other policy selects; without any, the defaults below hold.
 */
interface MigrationPolicy {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'MigrationPolicy';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * How machines are moved.
   */
  readonly spec: {
    /**
     * Machines that the policy is for; all others when absent.
     */
    readonly selector?: {
      /**
       * Labels that a machine must carry, with these values.
       */
      readonly matchLabels?: {
        readonly [k: string]: string;
      };
      /**
       * Any of these roles.
       *
       * Items: Letters, digits and dashes, starting with a letter.
       */
      readonly roles?: string[];
      /**
       * Any of these machines; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly names?: string[];
    };
    /**
     * Strategies that may be used at all. Default: all.
     *
     * Items: How a device crosses to another host. `vfio-live`: the device state goes along with memory · `failover`: a paravirtual NIC stands in during the move · `hotplug`: detach, move, attach · `cold`: stop, move, start.
     */
    readonly strategies?: ('vfio-live' | 'failover' | 'hotplug' | 'cold')[];
    /**
     * Migrations at once. Default: the limits of the cluster.
     */
    readonly parallel?: {
      /**
       * Migrations at once from or to one host.
       */
      readonly perHost?: number;
      /**
       * Migrations at once from or to one access group.
       */
      readonly perGroup?: number;
      /**
       * Migrations at once in the whole cluster.
       */
      readonly perCluster?: number;
    };
    /**
     * Rate of one migration in MiB/s; 0: as fast as the network carries.
     */
    readonly bandwidthMibps: number;
    /**
     * Slow a guest down step by step when it changes memory faster than the network carries it.
     */
    readonly autoConverge: boolean;
    /**
     * Number of connections over which the memory of one machine is copied in parallel.
     */
    readonly connections: number;
    /**
     * When a step counts as hung.
     */
    readonly deadlines: {
      /**
       * Seconds that every migration may take.
       */
      readonly baseSeconds: number;
      /**
       * Seconds more for each GiB of memory.
       */
      readonly secondsPerGiB: number;
      /**
       * Seconds that every other step may take.
       */
      readonly stepSeconds: number;
    };
    /**
     * A reservation that was not used after this many seconds counts as left behind.
     */
    readonly reservationTtlSeconds: number;
    /**
     * Seconds that the source host forwards traffic to the new place after a move.
     */
    readonly forwardSeconds: number;
    /**
     * When moves may start (UTC); always when there is none.
     *
     * Items: One window.
     */
    readonly windows: {
      /**
       * Start of the window: minute, hour, day of month, month, day of week.
       */
      readonly cron: string;
      /**
       * Length in minutes.
       */
      readonly durationMinutes: number;
    }[];
    /**
     * `required`: a plan waits for an Approval of its hash.
     */
    readonly approval: 'none' | 'required';
    /**
     * A plan that moves more than this is not applied.
     */
    readonly blastRadius: {
      /**
       * Moves in one plan.
       */
      readonly maxMoves: number;
      /**
       * Share of the machines of the cluster in one plan, in percent.
       */
      readonly maxSharePercent: number;
    };
    /**
     * A plan older than this many seconds is not applied any more.
     */
    readonly planTtlSeconds: number;
    /**
     * Move none of these machines.
     */
    readonly suspend: boolean;
  };
}

/**
 * Where machines may run, with respect to each other and to hosts. Rules are hard: a plan keeps them at every moment of every move.
 */
interface PlacementPolicy {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'PlacementPolicy';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Machines and at least one rule for them.
   */
  readonly spec: {
    /**
     * Machines that the rules are for.
     */
    readonly selector: {
      /**
       * Labels that a machine must carry, with these values.
       */
      readonly matchLabels?: {
        readonly [k: string]: string;
      };
      /**
       * Any of these roles.
       *
       * Items: Letters, digits and dashes, starting with a letter.
       */
      readonly roles?: string[];
      /**
       * Any of these machines; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly names?: string[];
    };
    /**
     * Together.
     */
    readonly affinity?: {
      /**
       * What "together" and "apart" mean: the host, the hosts behind one access switch, or the zone.
       */
      readonly topology: 'host' | 'accessGroup' | 'zone';
    };
    /**
     * Apart: no two of them share one.
     */
    readonly antiAffinity?: {
      /**
       * What "together" and "apart" mean: the host, the hosts behind one access switch, or the zone.
       */
      readonly topology: 'host' | 'accessGroup' | 'zone';
    };
    /**
     * Evenly spread: the fullest and the emptiest unit differ by at most `maxSkew` machines.
     */
    readonly spread?: {
      /**
       * What "together" and "apart" mean: the host, the hosts behind one access switch, or the zone.
       */
      readonly topology: 'host' | 'accessGroup' | 'zone';
      /**
       * Largest difference in machines.
       */
      readonly maxSkew: number;
    };
    /**
     * How many of them may be moved at once.
     */
    readonly disruptionBudget?: {
      /**
       * Most of the machines that may be going from host to host at one moment.
       */
      readonly maxMoving: number;
    };
    /**
     * Only on these hosts.
     */
    readonly pin?: {
      /**
       * Names of hosts; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly hosts: string[];
    };
    /**
     * Never on these hosts.
     */
    readonly ban?: {
      /**
       * Names of hosts; each must exist.
       *
       * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
       */
      readonly hosts: string[];
    };
    /**
     * Only where the round trip to a site is short enough.
     */
    readonly latency?: {
      /**
       * Name of the site.
       */
      readonly site: string;
      /**
       * Longest round trip in milliseconds.
       */
      readonly maxMs: number;
    };
  };
}

/**
 * The configuration of a switch port for one device of one machine: it is applied to the target’s port before a move and removed from the source’s port after it.
 */
interface PortProfile {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'PortProfile';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Settings of the switch port.
   */
  readonly spec: {
    /**
     * Untagged VLAN; none when absent.
     */
    readonly vlan?: number;
    /**
     * Tagged VLANs that pass.
     *
     * Items: VLAN id.
     */
    readonly trunk: number[];
    /**
     * Names of access lists on the switch, in order.
     *
     * Items: Name of one access list.
     */
    readonly acl: string[];
    /**
     * Limit of the rate in Mbit/s; 0: none.
     */
    readonly rateMbps: number;
  };
}

/**
 * What machines of one role need unless they say otherwise. The 5G roles are built in: DU, CU, CU-UP, CU-CP, UPF, AMF (also AMMF), SMF, PCF, AUSF, NRF, NSSF, NEF, UDM, UDR, AF and PFCP. A document of the same name replaces the built-in profile: only what it writes holds.
 */
interface RoleProfile {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'RoleProfile';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name of the role, such as `DU`. The name of a built-in role overrides it.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Defaults for machines of the role.
   */
  readonly spec: {
    /**
     * Size of the memory pages in KiB; 0: ordinary pages.
     */
    readonly hugepageSizeKiB: 0 | 2048 | 1048576;
    /**
     * CPUs are taken from those kept from the host’s scheduler.
     */
    readonly isolatedCpus: boolean;
    /**
     * Only hosts with a synchronised PTP hardware clock.
     */
    readonly ptp: boolean;
    /**
     * All CPUs and memory in one NUMA cell.
     */
    readonly numaPinned: boolean;
    /**
     * Devices must be on the NUMA cell of the machine.
     */
    readonly numaLocalDevices: boolean;
    /**
     * Names of the claims that machines of the role have; a machine without one of them gets a warning.
     *
     * Items: Lower-case letters, digits and dashes, at most 63 (a DNS label).
     */
    readonly devices: string[];
    /**
     * Strategies that are allowed, best first.
     *
     * Items: How a device crosses to another host. `vfio-live`: the device state goes along with memory · `failover`: a paravirtual NIC stands in during the move · `hotplug`: detach, move, attach · `cold`: stop, move, start.
     */
    readonly strategies: ('vfio-live' | 'failover' | 'hotplug' | 'cold')[];
    /**
     * Strategies that are allowed as well when the migration policy of the machine has maintenance windows.
     *
     * Items: How a device crosses to another host. `vfio-live`: the device state goes along with memory · `failover`: a paravirtual NIC stands in during the move · `hotplug`: detach, move, attach · `cold`: stop, move, start.
     */
    readonly windowStrategies: ('vfio-live' | 'failover' | 'hotplug' | 'cold')[];
    /**
     * Longest pause in a move in milliseconds.
     */
    readonly maxDowntimeMs: number;
    /**
     * What a second of downtime costs against that of other roles; 1 is an ordinary machine.
     */
    readonly migrationWeight: number;
    /**
     * Machines of the role with the same value of the label `app` are kept apart by this unit.
     */
    readonly replicasApart: 'none' | 'host' | 'accessGroup' | 'zone';
  };
}

/**
 * A machine that shall run. Without `host` it is placed and moved by policy; with it, it is pinned. A machine that runs nowhere is deployed; nothing is ever deleted because its document went away.
 */
interface VirtualMachine {
  /**
   * Version of this format.
   */
  readonly apiVersion: 'berth/v1alpha1';
  /**
   * Kind of the document.
   */
  readonly kind: 'VirtualMachine';
  /**
   * What the document is called and how it can be found.
   */
  readonly metadata: {
    /**
     * Name, unique among the documents of one kind and cluster.
     */
    readonly name: string;
    /**
     * Cluster that the document belongs to. Needed only in a repository with several clusters; a DeviceClass, PortProfile or RoleProfile without it serves all of them.
     */
    readonly cluster?: string;
    /**
     * Free marks by which selectors find the document.
     */
    readonly labels?: {
      readonly [k: string]: string;
    };
    /**
     * Notes for Berth and for people. Berth reads `berth/requested-at` (on a Cluster: reconcile now; any new value will do) and `berth/prune`.
     */
    readonly annotations?: {
      readonly [k: string]: string;
    };
  };
  /**
   * Resources, devices and limits.
   */
  readonly spec: {
    /**
     * Virtual CPUs.
     */
    readonly vcpus: number;
    /**
     * Memory in MiB (8 GiB are 8192).
     */
    readonly memoryMiB: number;
    /**
     * Size of the memory pages in KiB: 2048 (2 MiB) or 1048576 (1 GiB); 0: ordinary pages. Default: from the role, else 0.
     */
    readonly hugepageSizeKiB?: 0 | 2048 | 1048576;
    /**
     * Its CPUs are taken from those kept from the host’s scheduler. Default: from the role, else false.
     */
    readonly isolatedCpus?: boolean;
    /**
     * Runs only where a PTP hardware clock is synchronised. Default: from the role, else false.
     */
    readonly ptp?: boolean;
    /**
     * All CPUs and memory must fit into one NUMA cell. Default: from the role, else false.
     */
    readonly numaPinned?: boolean;
    /**
     * Role, built in (such as `DU`, `CU-UP`, `AMF`) or a RoleProfile: it gives defaults.
     */
    readonly role?: string;
    /**
     * Host that the machine is pinned to; the planner chooses when absent.
     */
    readonly host?: string;
    /**
     * Devices that the machine owns directly, one claim each.
     *
     * Items: A claim on one device.
     */
    readonly devices: {
      /**
       * Name of the claim, unique in the machine.
       */
      readonly name: string;
      /**
       * DeviceClass of the device.
       */
      readonly class: string;
      /**
       * PortProfile that the switch port gets; none when absent.
       */
      readonly portProfile?: string;
      /**
       * MAC address of the device. It goes with the machine. Default: chosen at the first start and kept.
       */
      readonly mac?: string;
      /**
       * PCI address inside the guest, kept over moves so that the NIC keeps its name. Default: chosen at the first start and kept.
       */
      readonly guestAddress?: string;
      /**
       * VLAN that the port puts the traffic of the VF into; none when absent.
       */
      readonly vlan?: number;
      /**
       * Priority in the VLAN tag.
       */
      readonly qos: number;
      /**
       * The guest may change its own address and listen to all traffic of the VF.
       */
      readonly trust: boolean;
      /**
       * Frames with a foreign source address are dropped.
       */
      readonly spoofCheck: boolean;
      /**
       * Guaranteed rate of sending in Mbit/s.
       */
      readonly minTxMbps: number;
      /**
       * Limit of the rate of sending in Mbit/s; 0: none.
       */
      readonly maxTxMbps: number;
      /**
       * Link as the guest sees it.
       */
      readonly linkState: 'auto' | 'enable' | 'disable';
      /**
       * The device must be on the NUMA cell of the machine. Default: from the role, else false.
       */
      readonly numaLocal?: boolean;
    }[];
    /**
     * Disks.
     *
     * Items: One disk.
     */
    readonly disks: {
      /**
       * Name of the disk, unique in the machine.
       */
      readonly name: string;
      /**
       * Size in GiB.
       */
      readonly sizeGiB: number;
      /**
       * `shared`: every host reaches it · `local`: it lies on the host, and is copied in a move.
       */
      readonly storage: 'shared' | 'local';
    }[];
    /**
     * Longest pause in a move in milliseconds. Default: from the role, else 500.
     */
    readonly maxDowntimeMs?: number;
    /**
     * Longest round trips to named sites.
     *
     * Items: One budget.
     */
    readonly latencyBudgets: {
      /**
       * Name of the site.
       */
      readonly site: string;
      /**
       * Longest round trip in milliseconds.
       */
      readonly maxMs: number;
    }[];
    /**
     * Strategies that the machine allows, best first; the role and the migration policy can only take some away. Default: those of the role, else all.
     *
     * Items: How a device crosses to another host. `vfio-live`: the device state goes along with memory · `failover`: a paravirtual NIC stands in during the move · `hotplug`: detach, move, attach · `cold`: stop, move, start.
     */
    readonly strategies?: ('vfio-live' | 'failover' | 'hotplug' | 'cold')[];
    /**
     * Leave the machine where it is; one that does not run is not started, and takes no room.
     */
    readonly suspend: boolean;
  };
}

/** Any document. */
export type AnyDocument =
  | AccessGroup
  | Approval
  | Cluster
  | DeviceClass
  | Host
  | LoadPolicy
  | MigrationPolicy
  | PlacementPolicy
  | PortProfile
  | RoleProfile
  | VirtualMachine;

/** Name of a kind. */
export type Kind = AnyDocument['kind'];

/** A document of one kind. */
export type DocumentOf<K extends Kind> = Extract<AnyDocument, { readonly kind: K }>;
