internal import Linux

/// Names of virtual machines from the command lines of QEMU.
struct GuestNames {
    let paths: HostPaths

    /// The guest of the one QEMU process in a cgroup or directly below it (libvirt has subdirectories for its threads);
    /// empty where there is none, or more than one.
    func facts(ofCgroup path: String) -> [String: String] {
        guard let root = CgroupTree.all(paths).map(\.root).first(where: { fileExists($0 + path) }) else { return [:] }
        let directory = root + path
        let below = ((try? listDirectory(directory)) ?? []).filter(\.isDirectory).map { "\(directory)/\($0.name)" }
        var names: Set<String> = []
        for place in [directory] + below {
            guard let text = try? readText(place + "/cgroup.procs") else { continue }
            for pid in lines(of: text) {
                guard let comm = try? readText("\(paths.procfs)/\(pid)/comm", limit: 64),
                    comm.hasPrefix("qemu") || comm == "kvm",
                    let line = try? readFile("\(paths.procfs)/\(pid)/cmdline", limit: 1 << 17),
                    let name = Self.guest(in: line)
                else { continue }
                names.insert(name)
            }
        }
        guard names.count == 1, let name = names.first else { return [:] }
        return ["vm.name": name]
    }

    /// `-name web`, `-name guest=web,debug-threads=on`; nil where there is none. Two commas stand for one.
    static func guest(in commandLine: [UInt8]) -> String? {
        let arguments = commandLine.split(separator: 0, omittingEmptySubsequences: false)
        guard
            let flag = arguments.firstIndex(where: { $0.elementsEqual("-name".utf8) || $0.elementsEqual("--name".utf8) }
            ),
            arguments.indices.contains(flag + 1)
        else { return nil }
        let value = String(decoding: arguments[flag + 1], as: UTF8.self).replacing(",,", with: "\u{1}")
        let options = value.split(separator: ",")
        let named = options.first { $0.hasPrefix("guest=") }.map { $0.dropFirst("guest=".count) }
        guard let name = named ?? options.first(where: { !$0.contains("=") }), !name.isEmpty else { return nil }
        return printable(String(name.replacing("\u{1}", with: ",")))
    }
}
