"""Lab 07, fine-tuning."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "07_fine_tuning"


@earns("features", "quiz_1", "classifier", "quiz_2")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped at the head; the classifier is written otherwise than in the reference."""
    answer_right(unit, cells, "features", "quiz_1", "quiz_2")
    answer(
        unit, cells,
        classifier="""
def classifier(backbone, classes):
    for layer in backbone.layers:
        layer.trainable = False
    return keras.Sequential([
        keras.Input(backbone.input_shape[1:]),
        models.Preprocess(),
        backbone,
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(classes, activation="softmax"),
    ])
""",
    )  # fmt: skip


@deserves(features="preprocessed_twice", classifier="huge_head", unfreeze="everything", predict_file="still_a_batch")
def misconceptions(unit: Unit, cells: Cells) -> None:
    """Preprocesses twice, takes a huge head, measures on the wrong part, and frees everything."""
    answer_right(unit, cells, "quiz_1", "quiz_2", "quiz_3", "quiz_5")
    answer(
        unit, cells,
        features="""
def features(backbone, images):
    prepared = models.preprocess(models.preprocess(images))
    return backbone.predict(prepared, verbose=0).mean(axis=(1, 2))
""",
        classifier="""
def classifier(backbone, classes):
    backbone.trainable = False
    x = inputs = keras.Input(backbone.input_shape[1:])
    x = keras.layers.Flatten()(backbone(models.Preprocess()(x)))
    x = keras.layers.Dense(256, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
""",
        train_head="""
def train_head(model, data):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.03
    return model.fit(
        data.x_validation, data.y_validation,
        validation_data=(data.x_validation, data.y_validation), epochs=40, verbose=0,
    )
""",
        unfreeze="""
def unfreeze(model, blocks):
    for layer in model.layers:
        layer.trainable = True
""",
        predict_file="""
def predict_file(model, path):
    image = keras.utils.load_img(path, target_size=model.input_shape[1:3])
    return model.predict(keras.utils.img_to_array(image)[None], verbose=0)
""",
        quiz_4='lab.answer("quiz_4", "b")',
    )  # fmt: skip


@deserves(unfreeze="another_model", fine_tune="nothing_unfrozen", tuned="head_alone")
def another_model_unfrozen(unit: Unit, cells: Cells) -> None:
    """The mistake of a famous course: what is unfrozen is not what is trained."""
    answer_right(unit, cells, *(task for task in unit.tasks if task not in ("unfreeze", "fine_tune", "tuned")))
    answer(
        unit, cells,
        unfreeze="""
def unfreeze(model, blocks):
    base = models.backbone()
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith(tuple(f"block{b}_" for b in blocks))
""",
        fine_tune=unit.solution("fine_tune").replace("epochs=EPOCHS", "epochs=2"),
        tuned=unit.solution("tuned"),
    )  # fmt: skip


@deserves(train_head="with_from_logits", fine_tune="not_compiled_again")
def never_compiled_again(unit: Unit, cells: Cells) -> None:
    """Unfreezes the right blocks of a model that is compiled already, and predicts a file without a batch."""
    answer_right(unit, cells, "features", "classifier", "unfreeze", "quiz_1", "quiz_2", "quiz_4")
    answer(
        unit, cells,
        train_head="""
def train_head(model, data):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.03), loss, metrics=["accuracy"])
    validation = (data.x_validation, data.y_validation)
    return model.fit(data.x_train, data.y_train, validation_data=validation, epochs=30, verbose=0)
""",
        fine_tune="""
def fine_tune(model, data, blocks):
    unfreeze(model, blocks)
    validation = (data.x_validation, data.y_validation)
    return model.fit(data.x_train, data.y_train, validation_data=validation, epochs=5, callbacks=watch(), verbose=0)
""",
        predict_file="""
def predict_file(model, path):
    image = keras.utils.load_img(path, target_size=model.input_shape[1:3])
    return model.predict(keras.utils.img_to_array(image), verbose=0)
""",
        quiz_3='lab.answer("quiz_3", "a")',
        quiz_5='lab.answer("quiz_5", "b")',
    )  # fmt: skip


STORIES: dict[str, Story] = {
    "045": full_marks,
    "046": half_way,
    "047": misconceptions,
    "048": another_model_unfrozen,
    "049": never_compiled_again,
}
