"""What the voices say: sentences of school and the shortest answers, in four languages."""

SENTENCES = {
    "ru": (
        "На фотографии я вижу двух детей, они играют в футбол.",
        "Меня зовут Аня, я учусь в седьмом классе.",
        "Погода хорошая, светит солнце.",
        "Мне кажется, что они дружат уже давно.",
        "По выходным мы с папой ходим в лес за грибами.",
        "Это было самое интересное путешествие в моей жизни.",
        "Во-первых, школа находится рядом с домом.",
    ),
    "en": (
        "In the picture I can see two children playing football.",
        "My name is Anna and I am thirteen years old.",
        "The weather is fine and the sun is shining.",
        "I think they have been friends for a long time.",
        "At the weekend we usually go to the forest with my dad.",
        "That was the most exciting trip of my life.",
        "First of all, the school is close to our house.",
    ),
    "de": (
        "Auf dem Bild sehe ich zwei Kinder, die Fußball spielen.",
        "Ich heiße Anna und gehe in die siebte Klasse.",
        "Das Wetter ist schön und die Sonne scheint.",
        "Ich glaube, dass sie schon lange befreundet sind.",
        "Am Wochenende gehen wir mit Papa in den Wald.",
        "Das war die spannendste Reise meines Lebens.",
    ),
    "fr": (
        "Sur la photo je vois deux enfants qui jouent au football.",
        "Je m'appelle Anna et je suis en cinquième.",
        "Il fait beau et le soleil brille.",
        "Je pense qu'ils sont amis depuis longtemps.",
        "Le week-end, nous allons dans la forêt avec papa.",
        "C'était le voyage le plus passionnant de ma vie.",
    ),
}
SHORT = {
    "ru": ("Да.", "Нет.", "Не знаю.", "В парке.", "Пять."),
    "en": ("Yes.", "No.", "I don't know.", "In the park.", "Five."),
    "de": ("Ja.", "Nein.", "Weiß nicht.", "Im Park.", "Fünf."),
    "fr": ("Oui.", "Non.", "Je ne sais pas.", "Au parc.", "Cinq."),
}
VARIANTS = ("", "+m1", "+m3", "+m5", "+m7", "+f1", "+f2", "+f4", "+f5")
TALKS = {
    "en": ("english_grade_7", "english_grade_11"),
    "de": ("german_grade_7",),
    "fr": ("french_grade_7",),
}
