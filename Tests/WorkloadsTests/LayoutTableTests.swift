import Testing
import Workloads

@Suite struct LayoutTableTests {
    private func fill(_ text: String) -> String {
        text.replacing("OUTER", with: Sample.otherID).replacing("U_I_D", with: Sample.escapedUID)
            .replacing("HASH", with: Sample.staticUID).replacing("UID", with: Sample.uid)
            .replacing("ID", with: Sample.id)
    }

    @Test(arguments: Layout.table) func everyLayoutIsReadAsExpected(_ layout: Layout) {
        let identity = CgroupIdentity(cgroupPath: fill(layout.path))
        #expect(identity.kind == layout.kind)
        #expect(identity.runtime == layout.runtime)
        if let name = layout.name.map(fill) { #expect((identity.containerID ?? identity.name) == name) }
        #expect(identity.podUID == layout.pod.map(fill))
        #expect(identity.qos == layout.qos)
        #expect(identity.outerContainerID == layout.outer.map(fill))
    }

    @Test func thereIsARowForEachLayout() {
        #expect(Layout.table.count == 55)
        #expect(Set(Layout.table.map(\.path)).count == 55)
    }
}
