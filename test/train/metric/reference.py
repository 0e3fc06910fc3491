"""Reference values for main/train/metric*.ts.

Class metrics come from scikit-learn; span and referent cases from the definitions written out below, independently of the product.
Run once, in a throw-away environment with scikit-learn 1.9.1:  python reference.py > reference.json
"""
import collections
import json
import random
import re
import string

from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

generator = random.Random(20240607)


def class_case(name, class_count, size, illegal_share, absent=()):
    present = [c for c in range(class_count) if c not in absent]
    targets = [generator.choice(present) for _ in range(size)]
    predictions = []
    for target in targets:
        draw = generator.random()
        if draw < illegal_share:
            predictions.append(-1)
        elif draw < illegal_share + 0.5:
            predictions.append(target)
        else:
            predictions.append(generator.choice(present))
    groups = [generator.randrange(max(1, size // 3)) for _ in range(size)]
    case = {
        "name": name,
        "classCount": class_count,
        "targets": targets,
        "predictions": predictions,
        "groups": groups,
        "accuracy": accuracy_score(targets, predictions),
        "macroF1": f1_score(targets, predictions, labels=range(class_count), average="macro", zero_division=0),
    }
    if class_count == 2:
        settled = [p if p in (0, 1) else 1 - t for t, p in zip(targets, predictions)]
        case["binaryF1"] = f1_score(targets, settled, zero_division=0)
    by_group = collections.defaultdict(list)
    for group, target, prediction in zip(groups, targets, predictions):
        by_group[group].append(target == prediction)
    case["groupExactMatch"] = sum(all(v) for v in by_group.values()) / len(by_group)
    matrix = confusion_matrix(targets, [class_count if p == -1 else p for p in predictions], labels=range(class_count + 1))
    case["confusion"] = matrix[:class_count].tolist()
    return case


def normalize(text):
    kept = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def span_case(answers, predicted):
    best_f1, best_match = 0.0, 0.0
    got = normalize(predicted)
    for answer in answers:
        want = normalize(answer)
        best_match = max(best_match, float(want == got))
        shared = sum((collections.Counter(want) & collections.Counter(got)).values())
        if shared:
            best_f1 = max(best_f1, 2 * shared / (len(want) + len(got)))
    return {"answers": answers, "predicted": predicted, "f1": best_f1, "exactMatch": best_match}


SPANS = [
    (["the Lisbon harbour"], "Lisbon Harbour"),
    (["Lisbon"], "the old harbour of Lisbon"),
    (["U.S. Senate", "Senate"], "US senate"),
    (["a b a c"], "a b b"),
    (["red red blue"], "red blue blue red"),
    (["the"], "a"),
    (["the"], "theatre"),
    (["thé vert"], "the vert"),
    (["àa the"], "àa"),
    (["O'Brien's dog"], "obriens dog"),
    (["Müller–Lüdenscheid"], "müller lüdenscheid"),
    (["北京 大学"], "大学"),
    (["x"], ""),
    ([""], ""),
    (["one\ttwo\nthree"], "  one two   three "),
    (["an-other one"], "another one"),
    (["$5.00"], "500"),
    (["A"], "a"),
    (["alpha", "beta gamma", "gamma"], "gamma delta"),
    (["the_end"], "end"),
    (["àa"], "à"),
    (["aé"], "é"),
]

DETERMINERS = set("a an few her his each every many much my our some that the their these this those which whose your".split())


def referent_case(answer, referent):
    def clean(text):
        return " ".join(w for w in text.strip().lower().split(" ") if w not in DETERMINERS)

    answer_clean, referent_clean = clean(answer), clean(referent)
    if not answer_clean:
        names = None
    elif ("'" in answer_clean) != ("'" in referent_clean):
        names = False
    else:
        a, r = set(answer_clean.split(" ")), set(referent_clean.split(" "))
        names = a <= r or r <= a
    return {"answer": answer, "referent": referent, "names": names}


REFERENTS = [
    ("the fluffy rabbit", "rabbit"), ("Rabbit", "The fluffy rabbit"), ("Ann", "Ann's coat"), ("Ann's coat", "Ann's"), ("", "Ann"), ("the", "Ann"),
    ("  HIS  ", "his"), ("the city councilmen", "The councilmen"), ("the demonstrators", "the city councilmen"), ("Ann and Bea", "Bea"),
    ("Ann, and", "Ann"), ("your  brother", "brother"), ("brother", "your  brother"), ("it", "the trophy"), ("those", "those apples"), ("few men", "many men"),
]

cases = [
    class_case("two classes", 2, 60, 0.0),
    class_case("two classes, some answers illegal", 2, 60, 0.25),
    class_case("two classes, all answers illegal", 2, 12, 1.0),
    class_case("two classes, only the negative one occurs", 2, 20, 0.0, absent=(1,)),
    class_case("three classes", 3, 90, 0.0),
    class_case("three classes, some answers illegal", 3, 90, 0.15),
    class_case("three classes, one never occurs", 3, 40, 0.1, absent=(2,)),
    class_case("seven classes", 7, 120, 0.1),
    class_case("one example", 2, 1, 0.0),
]
groups = {"classes": cases, "spans": [span_case(*s) for s in SPANS], "referents": [referent_case(*r) for r in REFERENTS]}
lines = [f' "{name}": [\n  ' + ",\n  ".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in group) + "\n ]" for name, group in groups.items()]
print("{\n" + ",\n".join(lines) + "\n}")
