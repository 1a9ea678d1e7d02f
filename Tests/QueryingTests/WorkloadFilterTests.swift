import Querying
import Testing

@Suite struct WorkloadFilterTests {
    typealias Condition = WorkloadFilter.Condition

    @Test func conditionsAreSeparatedByCommas() throws {
        let filter = try WorkloadFilter(parsing: "namespace=shop,name~web,kind!=pod,image!~nginx,k8s.pod.qos=")
        #expect(
            filter.conditions == [
                Condition(.label("k8s.namespace.name"), .equal, "shop"), Condition(.name, .contains, "web"),
                Condition(.kind, .unequal, "pod"), Condition(.label("container.image.name"), .containsNot, "nginx"),
                Condition(.label("k8s.pod.qos"), .equal, ""),
            ])
        #expect(try WorkloadFilter(parsing: "").conditions.isEmpty)
    }

    @Test func quotedValuesMayHaveAnything() throws {
        let filter = try WorkloadFilter(parsing: #"name="a,b=\"c\"\\",cgroup~x=y"#)
        #expect(
            filter.conditions == [Condition(.name, .equal, #"a,b="c"\"#), Condition(.cgroup, .contains, "x=y")])
    }

    @Test(arguments: [
        "name", "name!web", "=x", "color=red", #"name="a"#, #"name="a"b=c"#, "name=a,", ",name=a", "alive=maybe",
        "name!",
    ]) func whatIsNoConditionIsRefused(_ text: String) {
        #expect { try WorkloadFilter(parsing: text) } throws: {
            let problem = $0 as? QueryProblem
            return problem?.parameter == "filter" && problem?.remedy.isEmpty == false
        }
    }

    @Test func thereIsABoundedNumber() throws {
        let many = Array(repeating: "name=a", count: WorkloadFilter.mostConditions)
        #expect(try WorkloadFilter(parsing: many.joined(separator: ",")).conditions.count == many.count)
        #expect(throws: QueryProblem.self) { try WorkloadFilter(parsing: (many + ["b=c"]).joined(separator: ",")) }
    }

    /// The description of the interface has it.
    @Test(arguments: [
        "", "namespace=shop,name~web", #"name="a,b=\"c\"\\",cgroup~x=y"#, "alive!=true", "k8s.pod.qos=", "name=a\nb",
        "name", "=x", "color=red", #"name="a"#, #"name="a"b=c"#, "name=a,", "alive=maybe", "name!", "alive=true,name=",
    ]) func thePatternSaysWhatIsRead(_ text: String) throws {
        let pattern = try Regex(WorkloadFilter.pattern)
        let isRead = (try? WorkloadFilter(parsing: text)) != nil
        #expect((try pattern.wholeMatch(in: text) != nil) == isRead)
    }
}
