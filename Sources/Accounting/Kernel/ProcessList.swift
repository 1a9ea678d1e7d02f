/// Every process that the kernel has a slot for, kept up to date by reports of those that changed.
struct ProcessList {
    private(set) var all: [AccountingSample.ProcessUsage] = []
    private var places: [AccountingSample.ProcessUsage.Key: Int] = [:]
    /// Processes whose slot was freed: dropped at the next ``beginTick()``, after they were reported a last time.
    private var final: [AccountingSample.ProcessUsage.Key] = []

    /// Drops the processes that were reported for the last time. O(dropped).
    mutating func beginTick() {
        for key in final { remove(key) }
        final.removeAll(keepingCapacity: true)
    }

    /// Adds or updates a process.
    ///
    /// - Parameter isFinal: this is the last report of the process.
    mutating func update(_ process: AccountingSample.ProcessUsage, isFinal: Bool) {
        let key = process.key
        if let place = places[key] {
            all[place] = process
        } else {
            places[key] = all.count
            all.append(process)
        }
        if isFinal { final.append(key) }
    }

    /// Its slot was freed: it is reported once more, as exited.
    mutating func end(_ key: AccountingSample.ProcessUsage.Key) {
        guard let place = places[key] else { return }
        all[place].hasExited = true
        final.append(key)
    }

    /// Drops those that a full reading did not find.
    mutating func keep(_ found: Set<AccountingSample.ProcessUsage.Key>) {
        for key in places.keys where !found.contains(key) { end(key) }
    }

    private mutating func remove(_ key: AccountingSample.ProcessUsage.Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = all.removeLast()
        guard place < all.count else { return }
        all[place] = last
        places[last.key] = place
    }
}
